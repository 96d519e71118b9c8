"""Takes the two text detectors out of PyPI's rapidocr-onnxruntime (Apache-2.0), byte for byte.

    pip download --no-deps rapidocr-onnxruntime==1.4.4
    pip download --no-deps rapidocr-onnxruntime==1.2.3
    python tools/convert_writing.py rapidocr_onnxruntime-*.whl

The newer one covers (`writing`), the older one, of other training, judges the result (`writing_other`).
"""

import sys
import zipfile
from pathlib import Path

WEIGHTS = Path(__file__).parent.parent / "veil" / "models" / "weights"
TAKEN = {"ch_PP-OCRv4_det_infer.onnx": "writing.onnx", "ch_PP-OCRv3_det_infer.onnx": "writing_other.onnx"}


def main(wheels: list[Path]) -> None:
    """Write the detectors that the wheels hold."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as held:
            for name in held.namelist():
                target = TAKEN.get(Path(name).name)
                if target:
                    (WEIGHTS / target).write_bytes(held.read(name))


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
