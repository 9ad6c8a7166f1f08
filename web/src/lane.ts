// The lane's full screen.
import "./htmx.ts";
