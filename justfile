# Recipes of the workbench; `just` lists them.

# list the recipes
default:
    @just --list

# what the gate runs
ci:
    bash .ci/run

# the first study, from the sources
first-study:
    cargo run --release -- run scenarios/first-study.toml

# all tests but the statistical suite
test:
    cargo test --workspace

# the statistical suite, at the size of the gate
statistical:
    cargo test --workspace --lib --test it -- --ignored

# whether any number of six reduced studies moved; `CORRIDOR_BLESS=1 just unchanged` accepts what did
unchanged:
    cargo test -p corridor --test end_to_end unchanged

# the long forms: ten times the paths and studies, the page in a browser, the licences of dependencies
nightly:
    CORRIDOR_LONG=1 cargo test --release --workspace
    CORRIDOR_LONG=1 cargo test --release --workspace --lib --test it -- --ignored
    bash .ci/browser
    command -v cargo-deny >/dev/null && cargo deny check || echo "cargo-deny is not installed: licences were not checked"

# run every study of scenarios/claims and write its numbers into docs/findings.md
findings:
    CORRIDOR_BLESS=1 cargo test --release -p corridor --test end_to_end findings

# speed: naive, tidy and lane engines in one binary
bench repetitions="40":
    cargo run --release --manifest-path benches/Cargo.toml --target-dir target -- {{repetitions}}

# the independent plain-Python implementation against the reference loop
twin:
    cargo test --release -p corridor-simulation --test it python_twin -- --nocapture

# open the files of a run in DuckDB, Polars, pyarrow and the Tableau Hyper API
check-files run_dir:
    python3 crates/store/tests/python/check_files.py {{run_dir}}

# format and lint
tidy:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings
