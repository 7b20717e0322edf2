#!/usr/bin/env node
import { renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { buildApp } from './build-app';
import { writeManifests } from './manifests';
import { reportErrors } from './report-errors';

const command = new Command('synth')
  .description('Writes CloudFormation to a folder and the same Kubernetes objects as plain YAML beside it. Needs no AWS account.')
  .addOption(new Option('-c, --context <key=value>', 'context of the app: config=FILE reads another file than inference.yaml; may be repeated').default({}, 'none').argParser(collect))
  .option('-o, --output <folder>', 'folder of the cloud assembly', 'cdk.out')
  .addHelpText('after', '\nExit code 1 when the config file is wrong, a model does not fit, a pod can get no node, or the budget is passed.')
  .action((options: { context: { [key: string]: string }; output: string }) => {
    const folderOfAssembly = resolve(options.output);
    const stacks = synthesize(folderOfAssembly, options.context);
    const { folder, files } = writeManifests(folderOfAssembly);
    console.log(`CloudFormation  ${folderOfAssembly}  (${stacks.join(', ')})`);
    console.log(`Kubernetes      ${folder}  (${files} files)`);
  });

reportErrors(() => command.parse());

/** Writes to a folder beside the real one and moves it when all is well: a failed synth leaves the last one as it was. */
function synthesize(folder: string, context: { [key: string]: string }): string[] {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  try {
    const assembly = buildApp({ context, outdir: unfinished }).synth();
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    return assembly.stacks.map((stack) => stack.stackName);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function collect(pair: string, before: { [key: string]: string }): { [key: string]: string } {
  const at = pair.indexOf('=');
  if (at < 1) command.error(`error: '--context' (${pair}) must be key=value: write -c config=inference.yaml`);
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}
