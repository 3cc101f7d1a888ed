throw new Error('no such broker');
