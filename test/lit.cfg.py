"""lit configuration: `lit test` runs every .mlir and .test file of this folder.

The tools come from the build folder in TPU_MLIR_BUILD_DIR, or from PATH where the project is installed; FileCheck and
its kin from LLVM_PREFIX (default /usr/lib/llvm-22). Substitutions for networks with weights: see support/net.py.
"""

import os
import sys
import tempfile
from pathlib import Path

import lit.formats

here = Path(__file__).resolve().parent
build = os.environ.get("TPU_MLIR_BUILD_DIR", "")

config.name = "tpu-mlir"  # noqa: F821 (config comes from lit)
config.test_format = lit.formats.ShTest(execute_external=False)  # noqa: F821
config.suffixes = [".mlir", ".test"]  # noqa: F821
config.excludes = ["Inputs", "support", "python", "unit", "vendor"]  # noqa: F821
config.test_source_root = str(here)  # noqa: F821
scratch = Path(build) / "lit" if build else Path(tempfile.gettempdir()) / f"tpu-mlir-lit-{os.getuid()}"
config.test_exec_root = str(scratch)  # noqa: F821

llvm = os.environ.get("LLVM_PREFIX", "/usr/lib/llvm-22")
folders = [str(path.parent) for path in Path(build, "tools").glob("*/*") if os.access(path, os.X_OK)] if build else []
folders = [folder for folder in dict.fromkeys(folders) if Path(folder).is_dir()]
config.environment["PATH"] = os.pathsep.join([*folders, os.path.join(llvm, "bin"), os.environ["PATH"]])  # noqa: F821
config.environment["FILECHECK_OPTS"] = "--enable-var-scope"  # noqa: F821

support = here / "support" / "net.py"
config.substitutions += [  # noqa: F821
    ("%make_net", f"{sys.executable} {support} make"),
    ("%python", sys.executable),
    ("%llvm", llvm),
    ("%show_weights", f"{sys.executable} {support} show"),
]
