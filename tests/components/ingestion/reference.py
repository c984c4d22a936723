"""docs/data.md once more, row by row in plain Python; it shares only the contract's words with the implementation.

Logs are `{table: {day number or None: {file name: [row, ...]}}}`; a row is a dict, times are int microseconds. `labels`
are `{name: (kind, window in hours, shortest stream in seconds or None)}`.
"""

from collections import Counter, defaultdict

from tests.components.ingestion import response_history

DAY = 86_400_000_000
HOUR = 3_600_000_000
KEYS = {
    "impressions": ("impression_id", "timestamp", "user_id", "show_id"),
    "interactions": ("interaction_id", "timestamp", "user_id", "show_id"),
    "users": ("user_id",),
    "shows": ("show_id",),
    "episodes": ("episode_id", "show_id"),
}
SOURCES = ("promotion", "ad")
LABELS = {"stream": ("stream", 24, 60), **{kind: (kind, 24, None) for kind in ("click", "like", "follow")}}


def reason(table, row, day, sources, kinds):
    for key in KEYS[table]:
        if row[key] is None and not (key == "show_id" and row.get("kind") == "search"):
            return "null_key"
    if table == "impressions" and row["source"] not in sources:
        return "unknown_source"
    if table == "interactions" and row["kind"] not in (*kinds, "search"):
        return "unknown_kind"
    for value in (row.get("spend_micros"), row.get("listened_ms")):
        if value is not None and value < 0:
            return "negative_value"
    if row.get("kind") == "stream" and row["listened_ms"] is None:
        return "missing_listened_ms"
    if "timestamp" in row and not day * DAY <= row["timestamp"] < (day + 1) * DAY:
        return "wrong_day"
    return None


def clean(logs, sources, kinds):
    """Good rows by table, quarantined (table, id, reason), duplicates by table, rows by table."""
    good, quarantined, duplicates, rows = {}, [], Counter(), Counter()
    for table, days in logs.items():
        kept = []
        for day in sorted(days, key=lambda day: -1 if day is None else day):
            for file in sorted(days[day]):
                for number, raw in enumerate(days[day][file]):
                    rows[table] += 1
                    row = {name: None if name.endswith("_id") and value == "" else value for name, value in raw.items()}
                    why = reason(table, row, day, sources, kinds)
                    if why:
                        quarantined.append((table, row[KEYS[table][0]], why))
                    else:
                        kept.append((row.get("timestamp", 0), day or 0, file, number, {**row, "day": day}))
        seen = set()
        good[table] = []
        for _, day, _, _, row in sorted(kept, key=lambda entry: entry[:4]):
            identity = (row[KEYS[table][0]], day if table in ("users", "shows") else None)
            if identity in seen:
                duplicates[table] += 1
            else:
                seen.add(identity)
                good[table].append(row)
    return good, quarantined, duplicates, rows


def attribute(impressions, interactions, labels):
    """Labels by impression_id, interactions by outcome, and the interactions that belong to each impression."""
    known = {row["impression_id"]: row for row in impressions}
    belongs = defaultdict(list)
    values = {name: dict.fromkeys(labels, 0) for name in known}
    outcomes = Counter(direct=0, last_touch=0, organic=0, not_qualifying=0)
    for act in interactions:
        made = [
            label
            for label, (kind, _, shortest) in labels.items()
            if act["kind"] == kind and (shortest is None or act["listened_ms"] >= shortest * 1000)
        ]
        if not made:
            outcomes["not_qualifying"] += 1
            continue
        window = labels[made[0]][1] * HOUR

        def in_window(shown, act=act, window=window):
            return shown["timestamp"] <= act["timestamp"] < shown["timestamp"] + window

        def same(shown, act=act):
            return shown["user_id"] == act["user_id"] and shown["show_id"] == act["show_id"]

        named = known.get(act["impression_id"])
        before = [row for row in impressions if same(row) and row["timestamp"] <= act["timestamp"]]
        latest = max(before, key=lambda row: (row["timestamp"], row["impression_id"]), default=None)
        if named and same(named) and in_window(named):
            outcomes["direct"] += 1
            belongs[named["impression_id"]].append(act)
            values[named["impression_id"]].update(dict.fromkeys(made, 1))
        elif latest and in_window(latest):
            outcomes["last_touch"] += 1
            belongs[latest["impression_id"]].append(act)
            values[latest["impression_id"]].update(dict.fromkeys(made, 1))
        else:
            outcomes["organic"] += 1
    return values, outcomes, belongs


def fate(timestamp, window, days):
    """What becomes of a good impression, when interactions were delivered for `days`."""
    if timestamp + window > (max(days) + 1) * DAY:
        return "immature"
    touched = [
        day for day in range(min(days), max(days)) if timestamp < (day + 1) * DAY and timestamp + window > day * DAY
    ]
    return "labelled" if all(day in days for day in touched) else "unobserved"


def as_of(snapshots, key, value, day):
    """The latest snapshot of `value` dated on or before `day`."""
    known = [row for row in snapshots if row[key] == value and row["day"] <= day]
    return max(known, key=lambda row: row["day"], default=None)


def known_at(act):
    return act["timestamp"] + (act["listened_ms"] * 1000 if act["kind"] == "stream" else 0)


def features(shown, good, kinds):
    """Everything that was known strictly before the impression, and the values of its snapshots."""
    time, day = shown["timestamp"], shown["timestamp"] // DAY
    acts = good["interactions"]

    def recent(row, when, days):
        return time - days * 24 * HOUR <= when < time and row["user_id"] == shown["user_id"]

    mine = [act for act in acts if recent(act, known_at(act), 30)]
    streams = [act for act in mine if act["kind"] == "stream"]
    follows = [act for act in mine if act["kind"] == "follow"]
    of_show = [act for act in acts if act["show_id"] == shown["show_id"]]
    show_streams = [act for act in of_show if act["kind"] == "stream" and day - 30 <= known_at(act) // DAY <= day - 1]
    show_follows = [
        act for act in of_show if act["kind"] == "follow" and day - 30 <= act["timestamp"] // DAY <= day - 1
    ]
    user = as_of(good["users"], "user_id", shown["user_id"], day) or {}
    show = as_of(good["shows"], "show_id", shown["show_id"], day) or {}
    episode = next((row for row in good["episodes"] if row["episode_id"] == shown["episode_id"]), {})
    values = {
        "user_streams_30d": len(streams),
        "user_hours_30d": sum(act["listened_ms"] for act in streams) / 3_600_000,
        "user_shows_30d": len({act["show_id"] for act in streams}),
        "user_follows_30d": len(follows),
        "user_searches_30d": sum(act["kind"] == "search" for act in mine),
        "user_show_streams_30d": sum(act["show_id"] == shown["show_id"] for act in streams),
        "user_show_follows_30d": sum(act["show_id"] == shown["show_id"] for act in follows),
        "user_show_impressions_7d": sum(
            recent(row, row["timestamp"], 7) and row["show_id"] == shown["show_id"] for row in good["impressions"]
        ),
        "user_genre_affinity": affinity(streams, show.get("genres"), good["shows"]),
        "show_hours_30d": sum(act["listened_ms"] for act in show_streams) / 3_600_000,
        "show_streams_30d": len(show_streams),
        "show_followers_30d": len({act["user_id"] for act in show_follows}),
        "hour": f"{time % DAY // HOUR:02d}",
        "weekday": str((day + 3) % 7),
        "user_language": user.get("language"),
        "age_bucket": user.get("age_bucket"),
        "product": user.get("product"),
        "account_age_days": user.get("account_age_days"),
        "publisher": show.get("publisher"),
        "show_language": show.get("language"),
        "genres": show["genres"][:4] if show.get("genres") is not None else None,
        "topics": show["topics"][:8] if show.get("topics") is not None else None,
        "show_embedding": show.get("embedding"),
        "show_age_days": not_negative(day - show["release_date"]) if show.get("release_date") is not None else None,
        "episode_age_hours": None,
        "episode_minutes": None,
    }
    for kind in (*kinds, "search"):
        of_kind = [act for act in mine if act["kind"] == kind]
        values[f"user_{kind}_count_30d"] = len(of_kind)
        values[f"user_show_{kind}_count_30d"] = sum(act["show_id"] == shown["show_id"] for act in of_kind)
    if episode:
        values["episode_age_hours"] = not_negative((time - episode["release_timestamp"]) / HOUR)
        values["episode_minutes"] = episode["duration_ms"] / 60_000
    return values


def affinity(streams, genres, snapshots):
    genres = set(genres or ())
    if not streams or not genres:
        return None
    heard = []
    for act in streams:
        snapshot = as_of(snapshots, "show_id", act["show_id"], act["timestamp"] // DAY)
        heard.append(set((snapshot or {}).get("genres") or ()))
    return sum(sum(genre in of_stream for of_stream in heard) / len(heard) for genre in genres) / len(genres)


def tier(shown, interactions, boundaries, min_stream_seconds, less_streamed_below):
    day = shown["timestamp"] // DAY
    heard = [
        act["listened_ms"]
        for act in interactions
        if act["kind"] == "stream"
        and act["show_id"] == shown["show_id"]
        and act["listened_ms"] > min_stream_seconds * 1000
        and day - 30 <= act["timestamp"] // DAY <= day - 1
    ]
    hours = sum(heard) / 3_600_000
    return {
        "tier_ms": sum(heard),
        "tier_streams": len(heard),
        "stream_tier": sum(hours < boundary for boundary in boundaries),
        "less_streamed": int(len(heard) < less_streamed_below),
    }


def not_negative(value):
    return value if value >= 0 else None


def ingest(logs, boundaries, less_streamed_below, sources=SOURCES, labels=LABELS, smoothing=20):
    """Labelled rows in order, the content of accounting.json, and quarantined (table, id, reason) sorted."""
    kinds = {kind for kind, _, _ in labels.values()}
    longest = max(window for _, window, _ in labels.values()) * HOUR
    good, quarantined, duplicates, rows = clean(logs, sources, kinds)
    values, outcomes, belongs = attribute(good["impressions"], good["interactions"], labels)
    labelled, fates = [], Counter()
    for shown in sorted(good["impressions"], key=lambda row: (row["timestamp"], row["impression_id"])):
        end = fate(shown["timestamp"], longest, set(logs["interactions"]))
        fates[end] += 1
        if end != "labelled":
            continue
        levels = tier(shown, good["interactions"], boundaries, labels["stream"][2], less_streamed_below)
        own = {name: value for name, value in shown.items() if name != "day"}
        made = values[shown["impression_id"]] | levels
        history = response_history.features(shown, good, belongs, sources, sorted(kinds), smoothing)
        labelled.append(own | made | features(shown, good, kinds) | history)
    bad = defaultdict(int, Counter(table for table, _, _ in quarantined))
    accounting = {
        "impressions": {
            "in": rows["impressions"],
            "labelled": len(labelled),
            "immature": fates["immature"],
            "unobserved": fates["unobserved"],
            "quarantined": bad["impressions"],
            "duplicate": duplicates["impressions"],
        },
        "interactions": {
            "in": rows["interactions"],
            **outcomes,
            "quarantined": bad["interactions"],
            "duplicate": duplicates["interactions"],
        },
    }
    return labelled, accounting, sorted(quarantined, key=str)


def same(actual, expected):
    """Equal, floats up to float32's precision."""
    if isinstance(expected, float) and actual is not None:
        return abs(actual - expected) <= 1e-6 * abs(expected) + 1e-9
    if isinstance(expected, list) and isinstance(actual, list) and len(actual) == len(expected):
        return all(same(*pair) for pair in zip(actual, expected, strict=True))
    return actual == expected
