"""Networks of other programs, written as CIM deliveries with readings."""

from cim_import.foreign.pandapower_net import write_pandapower
from cim_import.foreign.profiles import write_profiles

__all__ = ["write_pandapower", "write_profiles"]
