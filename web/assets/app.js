// The one script that every page loads: htmx and Duban's own small scripts. No page needs it to be usable.
import "htmx.org";
