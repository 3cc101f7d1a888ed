throw new Error('no page to serve');
