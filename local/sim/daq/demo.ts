/**
 * A short run in the runner's dialect, of our own making: what `npm start` plays, with so many STFs or with these sequences.
 * Ticks are seconds of the simulation.
 * @see 3.1
 */
export const demoRecording = (run: number, startedAt: Date, stfs: number | readonly number[] = 12): string[] => {
  let tick = 0;
  const at = (seconds: number) => {
    tick = Math.round((tick + seconds) * 10) / 10;
    const stamp = new Date(startedAt.getTime() + tick * 1000).toISOString().replace('Z', '000');
    return { tick, timestamp: stamp };
  };
  const line = (seconds: number, fields: Readonly<Record<string, unknown>>): string => {
    const { timestamp } = at(seconds);
    const common = {
      namespace: 'papilio-demo',
      execution_id: `stf_datataking-demo-${run}`,
      run_id: run,
      timestamp,
      simulation_tick: tick,
    };
    return JSON.stringify({
      destination: '/topic/epictopic',
      tick,
      body: { ...fields, ...common, sender: 'papilio-demo-daq' },
    });
  };
  const physics = { state: 'run', substate: 'physics' };
  const stf = (sequence: number) =>
    line(0.6, {
      msg_type: 'stf_gen',
      filename: `swf.${run}.${String(sequence).padStart(6, '0')}.stf`,
      sequence,
      ...physics,
    });
  const sequences = typeof stfs === 'number' ? Array.from({ length: stfs }, (_, index) => index + 1) : stfs;
  const half = Math.ceil(sequences.length / 2);
  return [
    line(0, { msg_type: 'run_imminent', state: 'beam', substate: 'not_ready' }),
    line(1, { msg_type: 'start_run', ...physics }),
    ...sequences.slice(0, half).map(stf),
    line(0.6, { msg_type: 'pause_run', state: 'run', substate: 'standby', reason: 'Brief standby period' }),
    line(1, { msg_type: 'resume_run', ...physics }),
    ...sequences.slice(half).map(stf),
    line(0.6, { msg_type: 'end_run', total_stf_files: sequences.length }),
  ];
};
