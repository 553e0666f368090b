// Forms with nothing but searchable unit fields.
import { enhance } from "./combo.js";

enhance();
