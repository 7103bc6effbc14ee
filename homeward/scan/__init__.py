"""Every remains against every missing person of a nation, in blocks that any machine can run.

``plan`` looks at a set and cuts it into blocks; ``run_block`` compares one block; ``keep`` puts what it gave on
the disk; ``collect`` makes one table of all. ``run`` does the blocks on the cores of this machine.
"""

from homeward.scan.blocks import BlockResult, run_block
from homeward.scan.plan import Block, ScanPlan, plan
from homeward.scan.running import Rising, begin, collect, is_kept, keep, read_floors, run, run_and_keep

__all__ = [
    "Block",
    "BlockResult",
    "Rising",
    "ScanPlan",
    "begin",
    "collect",
    "is_kept",
    "keep",
    "plan",
    "read_floors",
    "run",
    "run_and_keep",
    "run_block",
]
