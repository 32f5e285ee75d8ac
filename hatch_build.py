"""Compiles the fast path of sound when the package is installed or built, where there is a C compiler.

Without one the package works all the same, and calls take more processor time.
"""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS = ["-O2", "-std=c11", "-Wall", "-Wextra", "-shared", "-fPIC"]


class FastPathHook(BuildHookInterface[Any]):
    """Makes `libfast_path.so` beside its source."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile it; the wheel is for this platform then, and for any Python: only cffi calls it."""
        del version
        source = Path(self.root, "orchestrator/media/fast_path.c")
        library = source.with_name("libfast_path.so")
        compiler = shutil.which(os.environ.get("CC", "cc"))
        if compiler is None:
            library.unlink(missing_ok=True)
            self.app.display_warning(
                f"No C compiler: {source.name} is left out; calls take more processor time."
            )
            return
        # Under another name first: a service that starts meanwhile is to find a whole one.
        made = library.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, *FLAGS, "-o", str(made), str(source)], check=True)
        made.replace(library)
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["artifacts"].append(str(library.relative_to(self.root)))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
