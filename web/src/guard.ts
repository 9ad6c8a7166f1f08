// The guard's page.
import "./htmx.ts";
