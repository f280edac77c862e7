// Reads Parquet files with hyparquet for check_files.py: a JSON list of files on stdin, one JSON document on stdout.
//
//   node read_files.mjs FOLDER_WITH_NODE_MODULES
//
// Of every column: its physical type, its nulls, the sum and the minimum of its numbers, in exact text.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.argv[2]}/package.json`));
const here = (name) => import(pathToFileURL(require.resolve(name)));
const { parquetMetadataAsync, parquetRead } = await here("hyparquet");
const { asyncBufferFromFile } = await here("hyparquet/src/node.js");

const input = await new Promise((done) => {
  let text = "";
  process.stdin.on("data", (piece) => (text += piece)).on("end", () => done(text));
});

const columns = {};
let rows = 0;
for (const path of JSON.parse(input)) {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  rows += Number(metadata.num_rows);
  for (const { name, type, converted_type: converted } of metadata.schema.slice(1)) {
    columns[name] ??= { type: converted === "UTF8" ? "UTF8" : type, nulls: 0, sum: 0, compensation: 0, min: null };
  }
  const onChunk = ({ columnName, columnData }) => {
    const column = columns[columnName];
    for (const value of columnData) {
      if (value === null || value === undefined) column.nulls += 1;
      else if (typeof value === "number" || typeof value === "bigint") {
        const number = Number(value);
        // Kahan and Babuska: sums of a million numbers to the last digits
        const sum = column.sum + number;
        column.compensation += Math.abs(column.sum) >= Math.abs(number) ? column.sum - sum + number : number - sum + column.sum;
        column.sum = sum;
        if (column.min === null || number < column.min) column.min = number;
      }
    }
  };
  await parquetRead({ file, metadata, onChunk });
}
for (const column of Object.values(columns)) column.sum += column.compensation;
process.stdout.write(JSON.stringify({ rows, columns }));
