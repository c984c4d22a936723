"""An Airflow DAG that runs Coldcast each day on the logs up to the day before."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

CONFIG = "/opt/coldcast/podcasts.yaml"

with DAG(
    dag_id="coldcast",
    schedule="0 5 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # Coldcast refuses two runs in one root
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},  # a run goes on where the last one stopped
) as dag:
    check = BashOperator(task_id="check_logs", bash_command=f"coldcast check-logs -c {CONFIG}")
    train = BashOperator(
        task_id="run",
        bash_command=f"coldcast run -c {CONFIG} --no-sample --fail-unless-blessed --json /opt/coldcast/outcome.json",
        skip_on_exit_code=3,  # not blessed: the last version stays in service, which is not an error
    )
    clean = BashOperator(
        task_id="clean", bash_command=f"coldcast runs clean -c {CONFIG} --keep 7", trigger_rule="none_failed"
    )
    check >> train >> clean
