"""Which layer groups a network is compiled with: those of a plan file, of an earlier search, or the compiler's own."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from .. import _tpu_mlir as _native
from .. import ir
from ..errors import UserError
from ..files import save_text
from ..pipelines import LayerGroups
from ..tune.bench import PlanBench
from ..tune.plan import parse_plan
from ..tune.search import Budget, Tuned, tune
from ..tune.store import Stored, load_tuned, save_tuned
from ..workspace import Workspace
from .options import DeployOptions

REFINED = {3: (4_000, 32, 96)}
"""Levels whose plans are refined by measuring: plans tried times ops of the network, and the least and most plans."""


def _bench(options: DeployOptions, module: ir.Module, level: int) -> PlanBench:
    quirks = options.avoid_price_quirks
    return PlanBench(module, level=level, avoid_price_quirks=quirks)


def _network(options: DeployOptions, module: ir.Module) -> str:
    """What a tuned plan is good for: the network, and how its instructions are written."""
    digest = str(_native.PlanBench(module.operation).digest)
    return f"{digest}-plain" if options.avoid_price_quirks else digest


def tuned_file(prefix: str) -> str:
    """Name of the plan file that a search leaves beside the model."""
    return f"{prefix}.layer_group_config.json"


def cache_file(prefix: str) -> str:
    """Name of the file with the plan of the last compile."""
    return f"{prefix}.layer_group_cache.json"


def dump_file(prefix: str) -> str:
    """Name of the account of the groups."""
    return f"{prefix}.layer_group_debugger.txt"


def known_groups(options: DeployOptions, module: ir.Module, tuned: Path, cache: Path, notes: list[str]) -> LayerGroups:
    """How the module (in state TPU_DIVIDED) is grouped without --autotune.

    tuned: where --autotune may have left a plan. cache: file for the plan of this compile. notes: gets a sentence where
    there is a tuned plan.
    """
    groups = LayerGroups(options.opt if options.layer_group else 0)
    if options.layer_group_config is not None:
        return replace(groups, config=options.layer_group_config)
    stored = load_tuned(tuned) if groups.opt >= 2 else None
    if stored is not None and _counts(stored, module, options, tuned, notes):
        return replace(groups, config=tuned)
    if groups.opt in REFINED:
        return replace(groups, config=_refined(options, module, cache))
    return groups


def _counts(stored: Stored, module: ir.Module, options: DeployOptions, tuned: Path, notes: list[str]) -> bool:
    """Whether a tuned plan is to be used."""
    if stored.network != _network(options, module):
        notes.append(f"{tuned.name} is of another network or other options; it is not used")
        return False
    if stored.build != _native.build_id() and not _still_better(stored, module, options):
        notes.append(f"{tuned.name} is not used: this compiler finds a better plan by itself; run --autotune again")
        return False
    gain = 1 - stored.cycles / stored.searched if stored.searched else 0.0
    notes.append(f"layer groups of {tuned.name}, found by --autotune ({gain:.1%} fewer cycles, {stored.trials} trials)")
    return True


def _refined(options: DeployOptions, module: ir.Module, cache: Path) -> Path:
    """A file with the compiler's plan after a search of fixed length; ``cache``, or the one in the folder of plans."""
    native = _native.PlanBench(module.operation)
    effort, least, most = REFINED[options.opt]
    trials = max(least, min(effort // max(1, len(native.nodes)), most))
    key = sha256(f"{native.key(options.opt, 0)} {trials} {options.avoid_price_quirks}".encode()).hexdigest()
    files = [cache]
    if options.lghash_dir is not None:
        try:
            options.lghash_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"the folder {options.lghash_dir} for plans cannot be made: {error.strerror}") from error
        files.append(options.lghash_dir / f"{key}.json")
    found = [path for path in files if _key_of(path) == key]
    if found:
        return found[0]
    bench = _bench(options, module, 2)
    result = tune(bench, Budget(trials=trials), threads=os.cpu_count() or 1)
    plan = result.plan if result is not None else bench.plan(2)
    for path in files:
        entry = {"version": 1, "opt": options.opt, "key": key, "network": native.digest, "plan": plan.to_json()}
        save_text(path, json.dumps(entry, indent=1) + "\n")
    return cache


def _key_of(path: Path) -> str | None:
    """The key of a cached plan; None where the file holds none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        parse_plan(json.dumps(found["plan"]))
        return str(found["key"])
    except (OSError, ValueError, KeyError, TypeError, UserError):
        return None


def _still_better(stored: Stored, module: ir.Module, options: DeployOptions) -> bool:
    """Whether the plan, found by another build of the compiler, is at least as good as what this one chooses."""
    bench = _bench(options, module, options.opt)
    cycles = bench.measure(stored.plan)
    own = bench.measure(bench.plan(options.opt))
    return cycles is not None and (own is None or cycles <= own)


def tune_groups(options: DeployOptions, module: ir.Module, tuned: Path, notes: list[str]) -> LayerGroups:
    """Searches a plan for the module (in state TPU_DIVIDED) and leaves it in ``tuned``, where a later search goes on.

    Raises:
        UserError: the network cannot be measured.
    """
    network = _network(options, module)
    before = load_tuned(tuned)
    if before is not None and before.network != network:
        before = None
    level = max(2, options.opt)

    def tell(state: Tuned) -> None:
        if state.history[-1][0] == state.trials:
            options.say(f"autotune: {state.cycles:,} cycles (-{state.gain:.1%}) after {state.trials} trials")

    result = tune(
        _bench(options, module, level),
        Budget(options.autotune, options.autotune_trials),
        threads=os.cpu_count() or 1,
        seed=before.trials if before is not None else 0,
        stored=before.plan if before is not None else None,
        notify=tell,
    )
    if result is None:
        raise UserError("no plan of the network's layer groups could be measured; compile without --autotune")
    save_tuned(tuned, network, _native.build_id(), result, before)
    notes.append(
        f"autotune: {result.searched:,} cycles became {result.cycles:,} (-{result.gain:.1%}) "
        f"in {result.trials} trials; the plan is kept in {tuned.name}"
    )
    return LayerGroups(level, config=tuned)


def with_files(groups: LayerGroups, work: Workspace, prefix: str, options: DeployOptions) -> LayerGroups:
    """The same with caches and the account of the groups as files of the workspace."""
    if groups.opt > 0 and groups.config is None:
        groups = replace(groups, cache=work.result(cache_file(prefix)), hash_dir=options.lghash_dir)
    if options.dump_groups:
        groups = replace(groups, dump=work.result(dump_file(prefix)))
    return groups
