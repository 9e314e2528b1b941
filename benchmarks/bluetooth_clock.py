"""How well a watch's clock is known, against simulated truth: arrivals over a bad link, many watches."""

from __future__ import annotations

import numpy as np

from pskd.performer import Watch
from pskd.sync.clockfit import Ping, fit_clock

INTERVAL_S, RESEND, STALLS = 0.030, 0.08, 0.01
LENGTHS_S = (10.0, 60.0, 600.0)
STREAMS = {"50 Hz": (50.0, 1), "25 Hz, 3 a packet": (25.0, 3), "10 Hz": (10.0, 1), "52 Hz, 36 a packet": (52.0, 36)}
PING_EVERY_S = 2.0


def clocks(runs: int) -> dict[str, str]:
    """Each run is a watch of its own (drift within 100 ppm, own link).

    A run's error is the mean over its samples, which no averaging over repetitions of a movement takes out; beside it
    stands the largest error of any of its samples. Packets of 120 ms over an interval of 30 ms are in step with it, so
    that up to one interval stays unseen: the worst case.
    """
    found = {}
    for name, (rate_hz, packet) in STREAMS.items():
        for seconds in LENGTHS_S:
            errors = np.array([_errors_ms(seed, seconds, rate_hz, packet) for seed in range(runs)])
            found[f"{name}, {seconds:g} s"] = _line(errors)
    for seconds in LENGTHS_S:
        errors = np.array([_errors_ms(seed, seconds, 50.0, 1, pings=True) for seed in range(runs)])
        found[f"50 Hz, {seconds:g} s, with pings"] = _line(errors)
    return found


def _line(errors: np.ndarray) -> str:
    run, anywhere = np.abs(errors[:, 0]), errors[:, 1]
    return (
        f"run {run.mean():.1f} mean, {np.percentile(run, 95):.1f} p95, {run.max():.1f} most; "
        f"any sample {np.percentile(anywhere, 95):.1f} p95 ms"
    )


def _errors_ms(seed: int, seconds: float, rate_hz: float, packet: int, *, pings: bool = False) -> tuple[float, float]:
    dice = np.random.default_rng(seed)
    watch = Watch(
        seed=seed,
        rate_hz=rate_hz,
        packet=packet,
        interval_s=INTERVAL_S,
        resend=RESEND,
        stalls=STALLS,
        drift_ppm=float(dice.uniform(-100, 100)),
        offset_s=float(dice.uniform(0, 1000)),
    )
    start_s = float(dice.uniform(100, 9000))
    packets = np.arange(watch.first_packet(start_s), watch.first_packet(start_s + seconds))
    samples = watch.samples(packets)
    device_s, arrival_s = watch.device_s(samples), np.repeat(watch.arrival_s(packets), packet)
    asked = _pings(watch, start_s, seconds, dice) if pings else []
    errors_s = fit_clock(device_s, arrival_s, pings=asked).to_host(device_s) - watch.true_s(samples)
    return float(errors_s.mean()) * 1e3, float(np.abs(errors_s).max()) * 1e3


def _pings(watch: Watch, start_s: float, seconds: float, dice: np.random.Generator) -> list[Ping]:
    """Questions and answers that wait for connection events, too, each way on its own."""
    answered_s = np.arange(start_s + 1.0, start_s + seconds, PING_EVERY_S)
    there, back = (
        INTERVAL_S * (dice.uniform(0, 1, len(answered_s)) + dice.geometric(1 - RESEND, len(answered_s)) - 1)
        for _ in range(2)
    )
    device_s = answered_s * (1 + watch.drift_ppm * 1e-6) + watch.offset_s
    return [
        Ping(sent_s=float(t - a - 0.001), heard_s=float(t + b + 0.001), device_s=float(d))
        for t, a, b, d in zip(answered_s, there, back, device_s, strict=True)
    ]


if __name__ == "__main__":
    for title, value in clocks(200).items():
        print(f"{title:70s} {value}")
