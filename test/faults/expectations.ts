/**
 * What is not yet so, as switches. While one is off, the harness leaves that check out of the schedules named here, and a
 * test shows that there is indeed one that fails; once the code is better that test fails, and the switch is turned on.
 */
export const EXPECTED = {
  /**
   * A run that finds a credential which nobody acknowledged looks into the sinks first, acknowledges what they hold, and revokes
   * the others only together with an acknowledgement: what a sink holds is accepted after every step.
   */
  sinkIsAcceptedAtEveryStep: true,
  /**
   * A run that is paused before its sink writes there when it wakes, even if another run has replaced its credential
   * meanwhile: the sink then holds a revoked secret, the platform's own view is in order, and no plan finds anything. A
   * lease with a fence, looked at again before a sink is written, closes it; or a plan that reads the sinks, which heals
   * it. On: what a sink holds is accepted after a clean run, also where several runners were at work at once.
   */
  sinkIsAcceptedAfterSeveralRunners: false,
};
