#!/usr/bin/env node
import { buildApp } from './build-app';
import { reportErrors } from './report-errors';

/** The app that `cdk deploy` runs: `-c config=FILE` picks another config file than `inference.yaml`. */
reportErrors(() => {
  buildApp().synth();
});
