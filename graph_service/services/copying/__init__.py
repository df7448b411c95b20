"""Everything that the stores of one place hold, copied to those of another, and compared."""

from graph_service.services.copying.comparing import Compared, Comparison
from graph_service.services.copying.copying import Copied, Copying
from graph_service.services.copying.journal import require_finished
from graph_service.services.copying.sides import Side

__all__ = ["Compared", "Comparison", "Copied", "Copying", "Side", "require_finished"]
