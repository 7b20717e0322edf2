#!/usr/bin/env node
// Prints the catalogues of the built library as JSON, for checks in other languages.
//   npm run build && node scripts/catalogue-json.mjs [--dist FOLDER]
import { catalogues } from './catalogues.mjs';

console.log(JSON.stringify(catalogues(process.argv), null, 2));
