"""The command `coldcast ab off-policy`."""

from typing import Annotated

import typer

from experiments.ab.labelling import labelled_folder
from experiments.ab.logs_options import CsvFile, Ingested, LogsFolder
from pipeline.command_line.logs import config_for_logs
from pipeline.command_line.options import LogsConfigFile, Overrides, check_folder, in_home
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say, say_sentence


def off_policy(
    logs: LogsFolder,
    policy: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="The policy to judge: MODEL, MODEL@epsilon=0.1, or MODEL@softmax=0.5, of a model with predictions.",
        ),
    ],
    arm: Annotated[
        str | None, typer.Option(metavar="ARM", help="Judge from the impressions of this arm. Default: from all.")
    ] = None,
    scores: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            callback=in_home,
            help="Parquet file with predictions for the candidates. Default: those that the logs have.",
        ),
    ] = None,
    ingested: Ingested = None,
    csv: CsvFile = None,
    config: LogsConfigFile = None,
    overrides: Overrides = None,
) -> None:
    """Estimate what another policy would earn, from logs with candidates and their probabilities.

    You get i2s, CTR, value, and eCPS by IPS, SNIPS, and doubly robust estimates, and reasons not to trust them.
    """
    from experiments.ab.policies.policy import policy_of

    target_policy = policy_of(policy, "--policy")
    screen, loaded = console(), config_for_logs(config, logs, overrides)
    check_folder("--csv", csv)
    with quiet.into(quiet.writable(loaded.messages / "ab.log")):
        from experiments.ab.off_policy.candidates import (
            ID,
            check_decisions,
            read_candidates,
            scores_in,
            with_scores,
        )
        from experiments.ab.off_policy.decisions import decisions_of
        from experiments.ab.off_policy.estimates import judge
        from experiments.ab.off_policy.table import show_judgement, show_notes, write_estimates
        from experiments.ab.off_policy.target import target_of

        check_decisions(loaded.logs)
        predictions = scores_in(scores) if scores else None
        with labelled_folder(loaded, ingested, screen) as folder:
            candidates = read_candidates(loaded.logs, folder)
        candidates = candidates if arm is None else candidates.of_arm(arm)
        rows = candidates.rows
        if scores and predictions is not None:
            rows = with_scores(rows, predictions, scores)
        decisions = decisions_of(rows)
        judgement = judge(decisions, target_of(target_policy, decisions), arm or "all arms")
    show_judgement(screen, judgement)
    if candidates.unlogged:
        total = candidates.unlogged + candidates.rows[ID].n_unique()
        say_sentence(
            screen,
            f"left out: {candidates.unlogged:,} of {total:,} impressions, since they have no candidates; if these are "
            "not like the others, the estimates are wrong",
        )
    show_notes(screen, [judgement])
    if csv:
        write_estimates(csv, [judgement])
        say(screen, f"wrote {csv}")
