import { askEarly, wasSignedIn } from "@/api/early";
import { earlyOf } from "./early";
import "./base.css";

// The little that runs first: what the app is sure to ask for is on its way while its code is.
for (const path of earlyOf(window.location, wasSignedIn())) askEarly(path);
void import("./main");
