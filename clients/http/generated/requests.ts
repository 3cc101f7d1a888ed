// Made from functions/api by `npm run docs`; edit the routes, not this file.

export type GetVersionData = {
    body?: never;
    path?: never;
    query?: never;
};

export type GetHealthData = {
    body?: never;
    path?: never;
    query?: never;
};

export type GetReadyData = {
    body?: never;
    path?: never;
    query?: never;
};

export type ListErrorsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * What follows from them
         */
        kind?: 'Invalid' | 'Denied' | 'Missing' | 'Conflict' | 'Transient' | 'SiteFault' | 'PayloadFault' | 'Bug';
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetErrorData = {
    body?: never;
    path: {
        /**
         * A code, as problems have it
         */
        code: string;
    };
    query?: never;
};

export type GetStatusData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * `position` of an earlier answer
         */
        after?: string;
        /**
         * Hold the answer back until there is news, at most so long
         */
        waitMs?: number;
    };
};

export type GetSummaryData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * A run; everything without it
         */
        run?: string;
    };
};

export type ListRunsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
        /**
         * By number; `-` the largest first
         */
        sort?: 'run' | '-run';
    };
};

export type GetRunData = {
    body?: never;
    path: {
        /**
         * A run number or an id
         */
        run: string;
    };
    query?: never;
};

export type GetStateData = {
    body?: never;
    path?: never;
    query?: never;
};

export type ListStateFacetsData = {
    body?: never;
    path: {
        /**
         * What of the detector
         */
        facet: 'detector' | 'run-control' | 'observed' | 'stream' | 'processing';
    };
    query?: {
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type ListStateHistoryData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * A run number or an id
         */
        run?: string;
    };
};

export type ListPeriodsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Those that hold this run, by its number or by the time it began
         */
        run?: string;
        /**
         * Those that hold this moment, or a run that was being taken then
         */
        at?: string;
        /**
         * Those that hold this TF, by its run or by the time of its STF
         */
        tf?: string;
        /**
         * Those in whose configuration a name has a value: `beam=5x41`
         */
        configuration?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetPeriodData = {
    body?: never;
    path: {
        /**
         * A period’s name or id
         */
        id: string;
    };
    query?: never;
};

export type NamePeriodData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
        /**
         * First run of it
         */
        runFirst?: number;
        /**
         * The run after its last one
         */
        runEnd?: number;
        /**
         * Its first moment, UTC
         */
        startsAt?: string;
        /**
         * The moment at which it is over, UTC
         */
        endsAt?: string;
        /**
         * Names and values that hold in it
         */
        configuration?: {
            [key: string]: string;
        };
        note?: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * A period’s name or id
         */
        id: string;
    };
    query?: never;
};

export type ClosePeriodData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
        /**
         * The run after its last one
         */
        runEnd?: number;
        /**
         * The moment at which it is over, UTC
         */
        endsAt?: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * A period’s name or id
         */
        id: string;
    };
    query?: never;
};

export type SuspendProcessingData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path?: never;
    query?: never;
};

export type ResumeProcessingData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path?: never;
    query?: never;
};

export type ListStfsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * A run number or an id
         */
        run?: string;
        /**
         * How far processing is
         */
        processing?: 'unknown' | 'waiting' | 'processed' | 'failed';
        /**
         * By run and number, `-` the largest first; without it `sequence` of a run, `-sequence` of all runs
         */
        sort?: 'sequence' | '-sequence';
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetStfData = {
    body?: never;
    path: {
        /**
         * A file name such as swf.102363.000001.stf, <run>-<sequence> in eight digits each, or an id
         */
        stf: string;
    };
    query?: never;
};

export type GetStfTraceData = {
    body?: never;
    path: {
        /**
         * A file name such as swf.102363.000001.stf, <run>-<sequence> in eight digits each, or an id
         */
        stf: string;
    };
    query?: never;
};

export type GetStfBytesData = {
    body?: never;
    path: {
        /**
         * A file name such as swf.102363.000001.stf, <run>-<sequence> in eight digits each, or an id
         */
        stf: string;
    };
    query?: never;
};

export type GetTfData = {
    body?: never;
    path: {
        /**
         * Number of a TF, decimal
         */
        tf: string;
    };
    query?: never;
};

export type GetBxData = {
    body?: never;
    path: {
        /**
         * Number of a BX, decimal
         */
        bx: string;
    };
    query?: {
        /**
         * Of which run, where runs differ in BXs a TF and several have that number
         */
        run?: string;
    };
};

export type GetTfBytesData = {
    body?: never;
    path: {
        /**
         * Number of a TF, decimal
         */
        tf: string;
    };
    query?: {
        /**
         * Of which STF, where several hold it
         */
        sequence?: number;
    };
};

export type ListRunCoverageData = {
    body?: never;
    path: {
        /**
         * A run number or an id
         */
        run: string;
    };
    query?: {
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type ListJobsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * A run number or an id
         */
        run?: string;
        /**
         * How far they are
         */
        state?: 'waiting' | 'assigned' | 'submitting' | 'submitted' | 'succeeded' | 'failed' | 'cancelled';
        /**
         * Where it is, or was last: a facility’s name or id
         */
        facility?: string;
        /**
         * Who asked for it
         */
        owner?: string;
        /**
         * Of which task
         */
        task?: string;
        /**
         * Created at or after
         */
        since?: string;
        /**
         * Created before
         */
        until?: string;
        /**
         * Of a run: by its STFs; without it `-created`, and of a run `created`
         */
        sort?: 'created' | '-created';
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type CancelJobData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * A job id, with or without its instance
         */
        id: string;
    };
    query?: never;
};

export type RetryJobData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * A job id, with or without its instance
         */
        id: string;
    };
    query?: never;
};

export type GetJobData = {
    body?: never;
    path: {
        /**
         * A job id, with or without its instance
         */
        job: string;
    };
    query?: never;
};

export type GetJobLogData = {
    body?: never;
    path: {
        /**
         * A job id, with or without its instance
         */
        job: string;
    };
    query?: {
        /**
         * Number of the attempt; the latest without it
         */
        attempt?: number;
        /**
         * Byte from which on it is read
         */
        after?: number;
        /**
         * Hold the answer back until there is news, at most so long
         */
        waitMs?: number;
    };
};

export type ListFacilitiesData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Only those that are drained, or are not
         */
        drained?: 'true' | 'false';
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetFacilityData = {
    body?: never;
    path: {
        /**
         * A facility’s name or id
         */
        facility: string;
    };
    query?: never;
};

export type DrainFacilityData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
        /**
         * When it ends by itself; without it, when somebody resumes the facility
         */
        untilAt?: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * A facility’s name or id
         */
        id: string;
    };
    query?: never;
};

export type ResumeFacilityData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * A facility’s name or id
         */
        id: string;
    };
    query?: never;
};

export type ListBundlesData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * A facility’s name or id
         */
        facility?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetBundleData = {
    body?: never;
    path: {
        /**
         * The id of a bundle
         */
        bundle: string;
    };
    query?: never;
};

export type ListPlacementsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetPlacementData = {
    body?: never;
    path: {
        /**
         * The id of an attempt or of a job
         */
        id: string;
    };
    query?: never;
};

export type ListOutputsData = {
    body?: never;
    path?: never;
    query: {
        /**
         * A run number or an id
         */
        run: string;
        /**
         * `true`: instead those that a later pass has superseded
         */
        superseded?: 'true' | 'false';
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetOutputData = {
    body?: never;
    path: {
        /**
         * The id of an output
         */
        output: string;
    };
    query?: never;
};

export type GetOutputBytesData = {
    body?: never;
    path: {
        /**
         * The id of an output
         */
        output: string;
    };
    query?: never;
};

export type GetProvenanceData = {
    body?: never;
    path: {
        /**
         * The id of an output, or an STF’s file name or id
         */
        id: string;
    };
    query?: never;
};

export type ListQuarantineData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * What became of them
         */
        state?: 'held' | 'released' | 'mended' | 'discarded';
        /**
         * Only messages about this STF
         */
        stf?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetQuarantineData = {
    body?: never;
    path: {
        /**
         * The id of a quarantined message
         */
        id: string;
    };
    query?: never;
};

export type MendQuarantineData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
        /**
         * The whole body as the sender should have sent it
         */
        body: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * The id of a quarantined message
         */
        id: string;
    };
    query?: never;
};

export type ReplayQuarantineData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * The id of a quarantined message
         */
        id: string;
    };
    query?: never;
};

export type DiscardQuarantineData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * The id of a quarantined message
         */
        id: string;
    };
    query?: never;
};

export type GetCommandData = {
    body?: never;
    path: {
        /**
         * The id of a command
         */
        id: string;
    };
    query?: {
        /**
         * Hold the answer back until there is news, at most so long
         */
        waitMs?: number;
    };
};

export type ListEventsData = {
    body?: never;
    headers?: {
        /**
         * Position after which a stream goes on; wins over `after`
         */
        'last-event-id'?: string | '';
    };
    path?: never;
    query?: {
        /**
         * A position, `a<number>-w<number>`; without it a page begins at the beginning, a stream now
         */
        after?: string;
        /**
         * A moment: without `after`, a page or a stream begins with the events at or after it
         */
        since?: string;
        /**
         * Events in a page; a stream has no end; 100 without it
         */
        limit?: number;
        /**
         * Types such as `stf.archived`, or nouns such as `stf`, with commas between several
         */
        type?: string;
        /**
         * Number of a run
         */
        run?: number;
        /**
         * Name of a facility
         */
        facility?: string;
        /**
         * Who owns the thing, or who asked for it
         */
        owner?: string;
        /**
         * Id of the thing that it happened to
         */
        subject?: string;
        /**
         * Hold the answer back until there is news, at most so long
         */
        waitMs?: number;
    };
};

export type ListUsageData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * By what it is added up
         */
        by?: 'client' | 'token' | 'who' | 'route' | 'status';
        /**
         * Of this client only
         */
        client?: string;
        /**
         * Of this person or machine only
         */
        who?: string;
        /**
         * From the hour of this moment on
         */
        since?: string;
        /**
         * To the hour of this moment; without it to now
         */
        until?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type ListUsageGraduatesData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * From the hour of this moment on
         */
        since?: string;
        /**
         * To the hour of this moment; without it to now
         */
        until?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type ListExecutionsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Whose executions
         */
        plane?: 'archive' | 'work';
        /**
         * A state machine, such as `process-stf`
         */
        machine?: string;
        /**
         * How they stand
         */
        status?: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
        /**
         * An execution: those are listed that its distributed Maps have made
         */
        parent?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetExecutionData = {
    body?: never;
    path: {
        /**
         * `<machine>:<name>`, or a name that only one machine’s has
         */
        execution: string;
    };
    query?: never;
};

export type ListExecutionHistoryData = {
    body?: never;
    path: {
        /**
         * `<machine>:<name>`, or a name that only one machine’s has
         */
        execution: string;
    };
    query?: {
        /**
         * Id of the last event that is known
         */
        after?: number;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * Hold the answer back until there is news, at most so long
         */
        waitMs?: number;
    };
};

export type StopExecutionData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * `<machine>:<name>`, or a name that only one machine’s has
         */
        execution: string;
    };
    query?: never;
};

export type RedriveExecutionData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * `<machine>:<name>`, or a name that only one machine’s has
         */
        execution: string;
    };
    query?: never;
};

export type ListFunctionsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Of which plane
         */
        plane?: 'archive' | 'work';
        /**
         * Of which area
         */
        area?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetFunctionData = {
    body?: never;
    path: {
        /**
         * Its name, such as `assign-jobs`
         */
        function: string;
    };
    query?: never;
};

export type ListWorkflowsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Of which plane
         */
        plane?: 'archive' | 'work';
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type GetWorkflowData = {
    body?: never;
    path: {
        /**
         * Its name, such as `process-stf`
         */
        workflow: string;
    };
    query?: never;
};

export type ValidateWorkflowData = {
    body: {
        definition: string;
    };
    path?: never;
    query?: never;
};

export type TestWorkflowData = {
    body: {
        definition: string;
        state?: string;
        input?: unknown;
        inspect?: 'info' | 'debug' | 'trace';
        mock?: {
            result: unknown;
        } | {
            error: string;
            cause?: string;
        };
        variables?: {
            [key: string]: unknown;
        };
        retries?: number;
    };
    path?: never;
    query?: never;
};

export type GetMeData = {
    body?: never;
    path?: never;
    query?: never;
};

export type GetMeCanData = {
    body?: never;
    path?: never;
    query: {
        /**
         * A policy, such as `processing.suspend` or `run.read`
         */
        action: string;
        /**
         * The thing: a facility’s name, or the id of a job or token
         */
        on?: string;
    };
};

export type ListAuditData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Who did it
         */
        by?: string;
        /**
         * Id of the thing that it was done to
         */
        subject?: string;
        /**
         * An act, such as `processing.suspend`
         */
        action?: string;
        /**
         * How it ended
         */
        outcome?: 'begun' | 'done' | 'refused' | 'denied';
        /**
         * From this moment on
         */
        since?: string;
        /**
         * Before this moment
         */
        until?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type ListTokensData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Those that somebody has made
         */
        owner?: string;
        /**
         * How many at most; 100 without it
         */
        limit?: number;
        /**
         * `next` of the page before
         */
        cursor?: string;
    };
};

export type CreateTokenData = {
    body: {
        /**
         * What it is for
         */
        name: string;
        /**
         * The reason, kept for ever
         */
        why: string;
        /**
         * Some of your own, or `viewer` or `user`; all of yours if only policies are named
         */
        roles?: Array<'viewer' | 'user' | 'expert' | 'operator' | 'facility-admin' | 'production-manager' | 'admin'>;
        /**
         * What it is limited to, such as `job.read`
         */
        policies?: Array<string>;
        /**
         * Of a facility admin: some of those that you care for; all without it
         */
        facilities?: Array<string>;
        /**
         * How long it holds
         */
        days?: number;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path?: never;
    query?: never;
};

export type GetTokenData = {
    body?: never;
    path: {
        /**
         * The id of a token, with or without its instance
         */
        id: string;
    };
    query?: never;
};

export type RevokeTokenData = {
    body: {
        /**
         * The reason, kept for ever
         */
        why: string;
    };
    headers?: {
        /**
         * What has the same key is done once
         */
        'idempotency-key'?: string;
        /**
         * ETag of what was looked at
         */
        'if-match'?: string;
        /**
         * Who asks, where the administrator’s token is shown
         */
        'papilio-user'?: string;
    };
    path: {
        /**
         * The id of a token, with or without its instance
         */
        id: string;
    };
    query?: never;
};
