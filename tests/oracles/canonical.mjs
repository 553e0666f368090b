// Writes JSON texts in their RFC 8785 form with npm's canonicalize: one text a line in, one a line out.
import canonicalize from "canonicalize";
import { readFileSync } from "node:fs";

const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => canonicalize(JSON.parse(text)))) + "\n");
