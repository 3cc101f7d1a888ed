/** A function as nobody wants it: it takes messages and never gives the loop back. */
export const acceptDaqMessage = {
  name: 'accept-daq-message',
  effect: 'none',
  handlerWith: () => async (): Promise<never> => {
    for (;;) {
      // an endless loop, as a bad input can cause it
    }
  },
};
