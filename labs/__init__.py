"""Helpers of the workbook: what the notebooks import so that they can stay short.

Modules are imported where they are used (`from labs import metrics`); `import labs`
alone loads nothing heavy. It switches off what the libraries beneath would report home.
"""

import os
import sys

__version__ = "0.1.0"

_NO_TELEMETRY = {
    "HF_HUB_DISABLE_TELEMETRY": "1",  # trl reports each trainer through huggingface_hub
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",  # `transformers serve` asks PyPI
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
for _name, _value in _NO_TELEMETRY.items():
    os.environ.setdefault(_name, _value)
# A notebook may import trl before it imports labs: the setting was read by then.
if "huggingface_hub.constants" in sys.modules:
    sys.modules["huggingface_hub.constants"].HF_HUB_DISABLE_TELEMETRY = True
