// htmx with everything off that would need a looser content security policy.
import htmx from "htmx.org";
import "htmx-ext-sse";

htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;

export default htmx;
