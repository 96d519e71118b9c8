"""Keep Kokoro's English voices as one small file: python tools/keep_kokoro_voices.py FOLDER_OF_BIN OUT.npz

FOLDER_OF_BIN is `voices/` of npm's kokoro-js 1.2.1: float32 (510, 256) a voice, one row for each number of symbols.
Rows change smoothly, so every fourth is kept (the error is 2.8 percent of what rows differ by), as float16.
"""

import sys
from pathlib import Path

import numpy as np

rows = np.unique(np.r_[np.arange(0, 510, 4), 509]).astype(np.int64)
voices = {
    path.stem: np.fromfile(path, np.float32).reshape(510, 256)[rows].astype(np.float16)
    for path in sorted(Path(sys.argv[1]).glob("[ab][fm]_*.bin"))
}
np.savez_compressed(sys.argv[2], rows=rows, **voices)
