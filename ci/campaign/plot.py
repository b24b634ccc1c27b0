"""Coverage over time as a picture: SVG to be put into the report."""
from campaign.progress import clock, short

WIDTH, HEIGHT = 480, 170
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 26


def coverage_plot(target, findings):
    """Edges over seconds of fuzzing, a step for each growth; a mark where something was found. "" without points."""
    points = target["points"]
    if not points:
        return ""
    end = max(target["fuzz_seconds"], points[-1][0], 1e-9)
    top = nice_ceiling(points[-1][1])

    def x(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * min(seconds / end, 1)

    def y(edges):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * edges / top

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="edges over time">']
    for step in range(5):
        edges = top * step / 4
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(edges):.1f}" y2="{y(edges):.1f}"/>'
                     f'<text x="{LEFT - 6}" y="{y(edges) + 4:.1f}" text-anchor="end">{short(edges)}</text>')
        anchor = "start" if step == 0 else "end" if step == 4 else "middle"
        parts.append(f'<text x="{x(end * step / 4):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
                     f"{clock(end * step / 4)}</text>")
    corners = [f"M{x(0):.1f},{y(0):.1f}"]
    for seconds, edges, *_ in points:
        corners.append(f"H{x(seconds):.1f}V{y(edges):.1f}")
    corners.append(f"H{x(end):.1f}")
    path = "".join(corners)
    parts.append(f'<path class="area" d="{path}V{y(0):.1f}Z"/><path class="curve" d="{path}"/>')
    for finding in findings:
        seconds = finding["found_after_seconds"]
        known = [edges for at, edges, *_ in points if at <= seconds] or [0]
        parts.append(f'<circle class="found" cx="{x(seconds):.1f}" cy="{y(known[-1]):.1f}" r="4">'
                     f'<title>{finding["id"]}</title></circle>')
    return "".join(parts) + "</svg>"


def nice_ceiling(value):
    """The least of 4, 8, 20, 40, 80, 200, ... that is no less than `value`: its quarters are round numbers."""
    scale = 1
    while True:
        for step in (4, 8, 20):
            if step * scale >= value:
                return step * scale
        scale *= 10
