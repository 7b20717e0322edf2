#!/usr/bin/env node
import { Command } from 'commander';
import { fitCommand } from './commands/fit';
import { planCommand } from './commands/plan';
import { reportErrors } from './report-errors';

const program = new Command('inference')
  .description('Know before you deploy: does the model fit, what does it cost, how long does a start take.')
  .addCommand(planCommand())
  .addCommand(fitCommand());

reportErrors(() => program.parse());
