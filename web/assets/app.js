// The one script that every page loads: htmx and Duban's own small scripts. No page needs it to be usable.
import "htmx.org";
import "./scripts/popovers.js";
import "./scripts/theme.js";
import "./scripts/toasts.js";
import "./scripts/rows.js";
import "./scripts/columns.js";
import "./scripts/files.js";
import "./scripts/uploads.js";
import "./scripts/printing.js";
import "./scripts/drafts.js";
import "./scripts/form_drafts.js";
import "./scripts/copying.js";
import "./scripts/dateboxes.js";
import "./scripts/missing.js";
import "./scripts/centring.js";
import "./scripts/here.js";
import "./scripts/mentions.js";
