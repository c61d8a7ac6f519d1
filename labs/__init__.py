"""Helpers of the workbook: what the notebooks import so that they can stay short.

Modules are imported where they are used (`from labs import metrics`); `import labs`
alone loads nothing heavy.
"""

__version__ = "0.1.0"
