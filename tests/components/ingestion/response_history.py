"""Response history, recency, and taste once more, row by row in plain Python (see `reference`)."""

import math

SECOND = 1_000_000
DAY = 86_400 * SECOND
WINDOW = 30 * DAY
ENTITIES = {
    "user": ("user_id",),
    "user_show": ("user_id", "show_id"),
    "user_surface": ("user_id", "surface"),
    "show": ("show_id",),
    "episode": ("episode_id",),
    "campaign": ("campaign_id",),
    "creative": ("creative_id",),
    "placement": ("surface", "slot", "layout"),
}


def known_at(act):
    return act["timestamp"] + (act["listened_ms"] * 1000 if act["kind"] == "stream" else 0)


def features(shown, good, belongs, sources, kinds, smoothing):
    """Everything in SPEC 4.3 for one impression; `belongs` has the interactions of each impression by its id."""
    answered = {
        name: {kind: min((known_at(act) for act in acts if act["kind"] == kind), default=None) for kind in kinds}
        for name, acts in belongs.items()
    }

    def response(row, kind, before):
        known = answered.get(row["impression_id"], {}).get(kind)
        return known is not None and known < before

    values = {}
    time, day = shown["timestamp"], shown["timestamp"] // DAY
    for source in sources:
        of_source = [row for row in good["impressions"] if row["source"] == source]
        before = [row for row in of_source if time - WINDOW <= row["timestamp"] < time]
        days = [row for row in of_source if day - 30 <= row["timestamp"] // DAY <= day - 1]
        for entity, columns in ENTITIES.items():
            exact = entity.startswith("user")
            rows, until = (before, time) if exact else (days, day * DAY)
            same = [row for row in rows if all(row[column] == shown[column] for column in columns)]
            absent = any(shown[column] is None for column in columns)
            values[f"{entity}_{source}_shown_30d"] = None if absent else len(same)
            for kind in kinds:
                responses = sum(response(row, kind, until) for row in same)
                of_all = sum(response(row, kind, day * DAY) for row in days)
                value = rate(responses, len(same), of_all, len(days), smoothing)
                values[f"{entity}_{source}_{kind}_rate_30d"] = None if absent else value
    return values | recency(shown, good, answered) | taste(shown, good)


def rate(responses, shown, all_responses, all_shown, smoothing):
    if not all_shown or all_responses in (0, all_shown):
        return None
    if not shown:
        return 0.0
    p = all_responses / all_shown
    return logit((responses + smoothing * p) / (shown + smoothing)) - logit(p)


def logit(p):
    return math.log(p) - math.log(1 - p)


def recency(shown, good, answered):
    time = shown["timestamp"]

    def since(times):
        latest = max((when for when in times if time - WINDOW <= when < time), default=None)
        return None if latest is None else (time - latest) / SECOND

    mine = [row for row in good["impressions"] if row["user_id"] == shown["user_id"]]
    streams = [act for act in good["interactions"] if act["kind"] == "stream" and act["user_id"] == shown["user_id"]]
    in_window = [row for row in mine if time - WINDOW <= row["timestamp"] < time]
    known = [when for row in in_window for when in answered.get(row["impression_id"], {}).values() if when is not None]

    def of_show(rows):
        return [row for row in rows if row["show_id"] == shown["show_id"]]

    return {
        "user_seconds_since_impression": since(row["timestamp"] for row in mine),
        "user_show_seconds_since_impression": since(row["timestamp"] for row in of_show(mine)),
        "user_seconds_since_stream": since(map(known_at, streams)),
        "user_show_seconds_since_stream": since(map(known_at, of_show(streams))),
        "user_impressions_today": sum(time // DAY * DAY <= row["timestamp"] < time for row in mine),
        "user_responses_30m": sum(time - 1800 * SECOND <= when < time for when in known),
    }


def taste(shown, good):
    time = shown["timestamp"]
    streams = [
        act
        for act in good["interactions"]
        if act["kind"] == "stream" and act["user_id"] == shown["user_id"] and time - WINDOW <= known_at(act) < time
    ]
    last = {}
    for act in streams:
        last[act["show_id"]] = max(last.get(act["show_id"], 0), known_at(act))
    recent = sorted(last, key=lambda show: (-last[show], show))[:20]
    heard = [
        (act["listened_ms"], embedding)
        for act in streams
        if (embedding := embedding_of(good["shows"], act["show_id"], act["timestamp"] // DAY)) is not None
    ]
    total = sum(listened for listened, _ in heard)
    mean = None
    if total:
        mean = [sum(ms * vector[place] for ms, vector in heard) / total for place in range(len(heard[0][1]))]
    candidate = embedding_of(good["shows"], shown["show_id"], time // DAY)
    return {
        "user_taste": mean,
        "user_show_similarity": None if mean is None or candidate is None else cosine(mean, candidate),
        "user_recent_shows": recent or None,
    }


def embedding_of(snapshots, show, day):
    known = [row for row in snapshots if row["show_id"] == show and row["day"] <= day]
    return max(known, key=lambda row: row["day"])["embedding"] if known else None


def cosine(first, second):
    norms = math.sqrt(sum(x * x for x in first)) * math.sqrt(sum(x * x for x in second))
    return sum(x * y for x, y in zip(first, second, strict=True)) / norms if norms else None
