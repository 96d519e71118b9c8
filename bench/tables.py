"""Prints what was measured: worst figures first, bad ones like good ones."""

from typing import Any

from rich.console import Console
from rich.table import Table


def show(results: dict[str, Any], console: Console) -> None:
    """Print every table."""
    _recognisers(results, console)
    _clips(results, console)
    _attacks(results, console)
    _identities(results, console)
    _speed(results, console)
    machine = results["machine"]
    console.print(
        f"{machine['cores']} cores, {machine['processor']}, Python {machine['python']}, load before the first clip"
        f" {machine['load']:.1f}; the load beside each clip is that before its own run"
    )


def _attacks(results: dict[str, Any], console: Console) -> None:
    """Print what Veil's own attack did to each clip: whose cover it raised, and how long it took beside the cut."""
    table = _table("Veil's own attack", "clip|attack ÷ cut|cut s|attack s|warned of|raised")
    for row in results["clips"]:
        told = row.get("told")
        if told:
            raised = "; ".join(f"{label} {said}" for label, said in told["raised"].items())
            ratio = told["attack_s"] / max(told["cut_s"], 1e-6)
            table.add_row(
                row["clip"], _number(ratio), _number(told["cut_s"], ".0f"), _number(told["attack_s"], ".0f"),
                ", ".join(told["warned"]), raised,
            )  # fmt: skip
    if table.row_count:
        console.print(table)


def _number(value: Any, form: str = ".2f") -> str:
    return "–" if value is None else format(value, form)


def _table(title: str, columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for i, column in enumerate(columns.split("|")):
        table.add_column(column.strip(), justify="left" if i == 0 else "right", overflow="fold")
    return table


def _recognisers(results: dict[str, Any], console: Console) -> None:
    table = _table(
        "Recognisers, calibrated here on LFW's development test (500 + 500 pairs; finer rates from all impostor pairs)",
        "recogniser|equal error|at|limit 1e-3|true pairs over it|limit 1e-4|true pairs over it|impostor pairs|others",
    )
    for r in results["recognisers"]:
        table.add_row(
            r["name"] + (f", faces of {r['shown_px']} px" if r["shown_px"] else ""),
            _number(r["equal_error"], ".1%"), _number(r["equal_error_at"], ".3f"),
            _number(r["limits"]["0.001"], ".3f"), _number(r["accepted"]["0.001"], ".1%"),
            _number(r["limits"]["0.0001"], ".3f"), _number(r["accepted"]["0.0001"], ".1%"),
            f"{r['impostor_pairs']:,}", str(r["others"]),
        )  # fmt: skip
    for name, why in results["missing_recognisers"].items():
        table.add_row(name, f"not used: {why}")
    console.print(table)


def _badness(row: dict[str, Any]) -> tuple[float, ...]:
    if row["failed"]:
        return (2.0,)
    line = row["headline"]
    return (line["leaked_frames"] > 0, line["leak_rate"] or 0, line["bare_frames"], line["over_limit"] or -9)


def _clips(results: dict[str, Any], console: Console) -> None:
    """Print what can be seen and recognised, and what became of the picture, a line a clip in each table."""
    what = {"": "Veil", "copy": "a plain copy INSTEAD of Veil", "blur": "a blur INSTEAD of Veil"}[results["instead"]]
    safe = _table(
        f"Can anyone be seen or recognised? Worst first: {what}",
        "clip|frames|faces|leaked frames|bare faces, frames|of searched|recognised at 1e-3|by|over its limit"
        "|tracks at 1e-4|best rank|as filmed|blurred|load",
    )
    alike = _table(
        "Is the person still there, does it look like film? (ratios: result over original; – cannot be told)",
        "clip|blendshapes|mouth|lag|new speech|lag|gaze °|head °|jitter|flicker|seam|grain|no face found|fps|peak MiB",
    )
    for row in sorted(results["clips"], key=_badness, reverse=True):
        if row["failed"]:
            safe.add_row(row["clip"], str(row.get("frames", "–")), "FAILED", row["failed"])
            continue
        safe.add_row(*_safe(row))
        alike.add_row(*_alike(row))
    console.print(safe)
    console.print(alike)


def _safe(row: dict[str, Any]) -> list[str]:
    line, coverage = row["headline"], row["coverage"]
    missing = f" ({row['missing_frames']} missing)" if row["missing_frames"] else ""
    return [
        row["clip"], f"{row['compared']}{missing}", str(coverage["faces"]), str(line["leaked_frames"]),
        str(line["bare_frames"]), str(coverage["searched"]), _number(line["leak_rate"], ".1%"), line["worst_by"],
        _number(line["over_limit"], "+.3f"), f"{line['tracks_verified']} of {line['tracks_judged']}",
        _number(line["best_rank"], "d"), _number(line["filmed"], ".0%"), _number(line["blur"], ".0%"),
        _number(row["load"], ".1f"),
    ]  # fmt: skip


def _alike(row: dict[str, Any]) -> list[str]:
    line = row["headline"]
    unseen = row["unseen_in_result"] / max(row["coverage"]["faces"], 1)
    return [
        row["clip"], _number(line["blendshapes"]), _number(line["mouth"]), _number(line["mouth_lag_frames"], "+d"),
        _number(line["speech"]), _number(line["speech_lag_frames"], "+d"),
        _number(line["gaze_deg"], ".1f"), _number(line["head_deg"], ".1f"), _number(line["jitter"]),
        _number(line["flicker"]), _number(line["seam"]), _number(line["grain"]), _number(unseen, ".0%"),
        _number(row.get("fps"), ".1f"), _number(row.get("peak_mib"), ".0f"),
    ]  # fmt: skip


def _identities(results: dict[str, Any], console: Console) -> None:
    rows = [(row["clip"], r) for row in results["clips"] if not row["failed"] for r in row["identity"]]
    rows.sort(key=lambda cr: (-(cr[1]["score_max"] - cr[1]["limit_1e-3"]),))
    table = _table(
        f"Recognition by track, the 24 worst of {len(rows)} (one row a recogniser and track)",
        "clip|track|px|recogniser|frames|recognised|mean|max|limit 1e-3|track score|limit 1e-4|rank|of|as filmed|blur"
        "|mosaic",
    )
    for clip, r in rows[:24]:
        table.add_row(
            clip, str(r["track"]), _number(r["width_px"], ".0f"), r["recogniser"], str(r["frames"]),
            _number(r["leak_rate"], ".1%"),
            _number(r["score_mean"], ".3f"), _number(r["score_max"], ".3f"), _number(r["limit_1e-3"], ".3f"),
            _number(r["track_score"], ".3f"), _number(r["limit_1e-4"], ".3f"), str(r["rank"]), str(r["of"]),
            _number(r["filmed"], ".0%"), _number(r["blur"], ".0%"), _number(r["mosaic"], ".0%"),
        )  # fmt: skip
    if rows:
        console.print(table)


def _speed(results: dict[str, Any], console: Console) -> None:
    if not results["speed"]:
        return
    table = _table(
        "Speed, slowest first (times of the transcode and of the peer are from this run, with their start)",
        "film|size|frames|load|fps, whole job|start s|watch|hear|cut|attack|transcode fps|× its time|peer fps"
        "|× the peer|peak MiB|note",
    )
    for r in sorted(results["speed"], key=lambda r: r.get("veil_fps", 0)):
        if "failed" in r:
            table.add_row(r["clip"], f"FAILED: {r['failed']}")
            continue
        parts = [_number(r["stages_fps"].get(k), ".1f") for k in ("watch", "hear", "cut", "attack")]
        table.add_row(
            r["clip"], r["size"], str(r["frames"]), _number(r["load"], ".1f"), _number(r["veil_fps"], ".1f"),
            _number(r["start_s"], ".1f"), *parts,
            _number(r["transcode_fps"], ".1f"), _number(r["of_transcode"]), _number(r["peer_fps"], ".2f"),
            _number(r["over_peer"], ".1f"), _number(r["peak_mib"], ".0f"), r["note"],
        )  # fmt: skip
    console.print(table)
