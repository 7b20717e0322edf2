#!/usr/bin/env node
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { buildApp } from './build-app';
import { writeManifests } from './manifests';
import { reportErrors } from './report-errors';

const command = new Command('synth')
  .description('Writes CloudFormation to a folder and the same Kubernetes objects as plain YAML beside it. Needs no AWS account.')
  .option('-c, --context <key=value>', 'context of the app, for instance config=FILE; may be repeated', collect, {})
  .option('-o, --output <folder>', 'folder of the cloud assembly', 'cdk.out')
  .action((options: { context: { [key: string]: string }; output: string }) => {
    const outdir = resolve(options.output);
    const app = buildApp({ context: options.context, outdir });
    rmSync(outdir, { recursive: true, force: true }); // what an earlier synth wrote and this one does not is no longer true
    const assembly = app.synth();
    const { folder, files } = writeManifests(assembly.directory);
    const stacks = assembly.stacks.map((stack) => stack.stackName).join(', ');
    console.log(`CloudFormation  ${assembly.directory}  (${stacks})`);
    console.log(`Kubernetes      ${folder}  (${files} files)`);
  });

reportErrors(() => command.parse());

function collect(pair: string, before: { [key: string]: string }): { [key: string]: string } {
  const at = pair.indexOf('=');
  if (at < 1) command.error(`error: '--context' (${pair}) must be key=value: write -c config=inference.yaml`);
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}
