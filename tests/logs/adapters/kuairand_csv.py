"""Handmade files in the layout of KuaiRand-Pure's official release."""

import csv
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]

MIDNIGHT = 1_650_844_800_000
"""2022-04-25 00:00 UTC in milliseconds."""

LOG: Row = {
    "user_id": 7,
    "video_id": 3,
    "date": 20220425,
    "hourmin": 800,
    "time_ms": MIDNIGHT,
    "is_click": 0,
    "is_like": 0,
    "is_follow": 0,
    "is_comment": 0,
    "is_forward": 0,
    "is_hate": 0,
    "long_view": 0,
    "play_time_ms": 0,
    "duration_ms": 20000,
    "profile_stay_time": 0,
    "comment_stay_time": 0,
    "is_profile_enter": 0,
    "is_rand": 0,
    "tab": 1,
}
USER: Row = {
    "user_id": 7,
    "user_active_degree": "full_active",
    "is_lowactive_period": 0,
    "is_live_streamer": -124,
    "is_video_author": 1,
    "follow_user_num": 8,
    "follow_user_num_range": "(0,10]",
    "fans_user_num": 26,
    "fans_user_num_range": "[10,100)",
    "friend_user_num": 3,
    "friend_user_num_range": "[1,5)",
    "register_days": 231,
    "register_days_range": "181-365",
    **{f"onehot_feat{number}": number for number in range(12)},
    **{f"onehot_feat{number}": "1.0" for number in range(12, 18)},
}
VIDEO: Row = {
    "video_id": 3,
    "author_id": 50,
    "video_type": "NORMAL",
    "upload_dt": "2022-04-10",
    "upload_type": "Web",
    "visible_status": 0.0,
    "video_duration": 20000.0,
    "server_width": 720.0,
    "server_height": 1280.0,
    "music_id": 99,
    "music_type": 9.0,
    "tag": "12,3",
}

STANDARD = "log_standard_4_22_to_5_08_pure.csv"


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Writes rows of one file; a name that ends in .gz gzips it."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def write_release(
    folder: Path,
    logs: Mapping[str, Sequence[Row]] | Sequence[Row],
    *,
    users: Sequence[Row] = (USER,),
    videos: Sequence[Row] = (VIDEO,),
    suffix: str = "",
) -> Path:
    """Writes a whole release: `logs` are changes to `LOG`, by file name or all in one file."""
    folder.mkdir(parents=True, exist_ok=True)
    files = logs if isinstance(logs, Mapping) else {STANDARD: logs}
    for name, rows in files.items():
        write_csv(folder / f"{name}{suffix}", [{**LOG, **row} for row in rows])
    write_csv(folder / f"user_features_pure.csv{suffix}", [{**USER, **row} for row in users])
    write_csv(folder / f"video_features_basic_pure.csv{suffix}", [{**VIDEO, **row} for row in videos])
    return folder
