#!/usr/bin/env node
// The command, there before the build: npm links it when it installs.
require('../dist/cli.cjs');
