"""Which of some artifacts made by hand is the baseline."""

from pathlib import Path

from ml_metadata.proto import metadata_store_pb2
from tfx.types.standard_artifacts import ExampleStatistics, InfraBlessing, Model, ModelBlessing

from components.baseline.strategies import LastBlessedModel, LastPassedStatistics
from components.gates.artifacts import Passed


def _model(folder: Path, number: int) -> Model:
    model = Model()
    model.id, model.uri = number, str(folder / str(number))
    Path(model.uri).mkdir(exist_ok=True)
    return model


def _blessing(number: int, model: int, *, blessed: bool) -> ModelBlessing:
    blessing = ModelBlessing()
    blessing.id = number
    blessing.set_int_custom_property("blessed", int(blessed))
    blessing.set_int_custom_property("current_model_id", model)
    return blessing


def _resolve(
    models: list[Model],
    blessings: list[ModelBlessing],
    current: Model,
    *,
    trials: bool = False,
    of_trials: tuple[int, ...] = (),
    servable: list[InfraBlessing] | None = None,
) -> list[int]:
    channels = {"model": models, "model_blessing": blessings, "current": [current]}
    channels |= {} if servable is None else {"servable": servable}
    found = LastBlessedModel(trials=trials).resolve_artifacts(Store(of_trials), channels)
    assert len(found["model"]) == len(found["model_blessing"])
    return [model.id for model in found["model"]]


class Store:
    """ML Metadata in which the execution 100 + n gave the blessing n, and some of them were trials."""

    def __init__(self, of_trials: tuple[int, ...]) -> None:
        self._trials = {100 + number for number in of_trials}

    def get_events_by_artifact_ids(self, ids: list[int]) -> list[metadata_store_pb2.Event]:
        return [
            metadata_store_pb2.Event(artifact_id=one, execution_id=execution, type=type_)
            for one in ids
            for execution, type_ in ((100 + one, metadata_store_pb2.Event.OUTPUT), (9, metadata_store_pb2.Event.INPUT))
        ]

    def get_executions_by_id(self, ids: list[int]) -> list[metadata_store_pb2.Execution]:
        found = [metadata_store_pb2.Execution(id=one) for one in ids]
        for execution in found:
            if execution.id in self._trials:
                execution.custom_properties["trial"].int_value = 1
        return found


def test_a_model_that_may_be_pushed_is_not_compared_with_trials(tmp_path):
    one, two, current = (_model(tmp_path, number) for number in (1, 2, 3))
    blessings = [_blessing(11, 1, blessed=True), _blessing(12, 2, blessed=True)]
    assert _resolve([one, two, current], blessings, current, of_trials=(12,)) == [1]
    assert _resolve([one, two, current], blessings, current, of_trials=(12,), trials=True) == [2]
    assert _resolve([one, two, current], blessings, current) == [2]


def test_the_model_blessed_last_is_taken_not_the_newest(tmp_path):
    one, two, three, current = (_model(tmp_path, number) for number in (1, 2, 3, 4))
    blessings = [_blessing(11, 2, blessed=True), _blessing(12, 1, blessed=True), _blessing(13, 3, blessed=False)]
    assert _resolve([one, two, three, current], blessings, current) == [1]


def test_a_model_is_never_its_own_baseline(tmp_path):
    one, two = _model(tmp_path, 1), _model(tmp_path, 2)
    blessings = [_blessing(11, 1, blessed=True), _blessing(12, 2, blessed=True)]
    assert _resolve([one, two], blessings, two) == [1]
    assert _resolve([one], blessings[:1], one) == []


def test_a_model_whose_folder_is_gone_is_passed_over_with_a_warning(tmp_path, caplog):
    one, gone, two, current = (_model(tmp_path, number) for number in (1, 2, 3, 4))
    Path(gone.uri).rmdir()
    Path(two.uri).rmdir()
    blessings = [_blessing(10 + number, number, blessed=True) for number in (1, 2, 3)]
    with caplog.at_level("WARNING", "absl"):
        assert _resolve([one, gone, two], blessings, current) == [1]
    (message,) = [record.getMessage() for record in caplog.records]
    assert (
        message == f"The result that passed last, {two.uri}, is gone: this run compares with an older one, or with none"
    )


def test_a_model_that_no_server_could_use_is_no_baseline(tmp_path):
    one, two, current = (_model(tmp_path, number) for number in (1, 2, 3))
    blessings = [_blessing(11, 1, blessed=True), _blessing(12, 2, blessed=True)]
    assert _resolve([one, two], blessings, current, servable=[]) == [2]
    bad, good = _servable(21, 2, servable=False), _servable(22, 2, servable=True)
    assert _resolve([one, two], blessings, current, servable=[bad]) == [1]
    assert _resolve([one, two], blessings, current, servable=[good, bad]) == [2], "the newest verdict counts"


def _servable(number: int, model: int, *, servable: bool) -> InfraBlessing:
    verdict = InfraBlessing()
    verdict.id = number
    verdict.set_int_custom_property("blessed", int(servable))
    verdict.set_int_custom_property("model_id", model)
    return verdict


def test_without_a_blessing_there_is_no_baseline(tmp_path):
    one, two, current = (_model(tmp_path, number) for number in (1, 2, 3))
    assert _resolve([one, two, current], [], current) == []
    assert _resolve([one, two, current], [_blessing(11, 2, blessed=False)], current) == []


def test_statistics_that_did_not_pass_are_no_baseline(tmp_path):
    statistics = []
    for number in (1, 2, 3):
        one = ExampleStatistics()
        one.id, one.uri = number, str(tmp_path)
        statistics.append(one)
    passed = Passed()
    passed.id, passed.statistics_id = 9, 1
    channels = {"statistics": statistics, "passed": [passed], "current": [statistics[2]]}
    assert [one.id for one in LastPassedStatistics().resolve_artifacts(None, channels)["statistics"]] == [1]
    channels["current"] = [statistics[0]]
    assert LastPassedStatistics().resolve_artifacts(None, channels)["statistics"] == []
