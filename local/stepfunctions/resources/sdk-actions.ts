const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** The services that `aws-sdk:` reaches, and their actions; those that answer with a stream of events are not among them. */
export const SDK_ACTIONS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'dynamodb',
    words(`
      batchExecuteStatement batchGetItem batchWriteItem cancelBulkOperation createBackup createGlobalTable
      createTable deleteBackup deleteItem deleteResourcePolicy deleteTable describeBackup describeBulkOperation
      describeContinuousBackups describeContributorInsights describeEndpoints describeExport describeGlobalTable
      describeGlobalTableSettings describeImport describeKinesisStreamingDestination describeLimits describeTable
      describeTableReplicaAutoScaling describeTimeToLive disableKinesisStreamingDestination
      enableKinesisStreamingDestination executeStatement executeTransaction exportTableToPointInTime getItem
      getResourcePolicy importTable listBackups listBulkOperations listContributorInsights listExports
      listGlobalTables listImports listTables listTagsOfResource putItem putResourcePolicy query
      restoreTableFromBackup restoreTableToPointInTime scan searchVectors startBulkPutItems tagResource
      transactGetItems transactWriteItems untagResource updateContinuousBackups updateContributorInsights
      updateGlobalTable updateGlobalTableSettings updateItem updateKinesisStreamingDestination updateTable
      updateTableReplicaAutoScaling updateTimeToLive
    `),
  ],
  [
    'eventbridge',
    words(`
      activateEventSource cancelReplay createApiDestination createArchive createConnection createEndpoint
      createEventBus createPartnerEventSource deactivateEventSource deauthorizeConnection deleteApiDestination
      deleteArchive deleteConnection deleteEndpoint deleteEventBus deletePartnerEventSource deleteRule
      describeApiDestination describeArchive describeConnection describeEndpoint describeEventBus
      describeEventSource describePartnerEventSource describeReplay describeRule disableRule enableRule
      listApiDestinations listArchives listConnections listEndpoints listEventBuses listEventSources
      listPartnerEventSourceAccounts listPartnerEventSources listReplays listRuleNamesByTarget listRules
      listTagsForResource listTargetsByRule putEvents putPartnerEvents putPermission putRule putTargets
      removePermission removeTargets startReplay tagResource testEventPattern untagResource updateApiDestination
      updateArchive updateConnection updateEndpoint updateEventBus
    `),
  ],
  ['lambda', words('invoke')],
  [
    's3',
    words(`
      abortMultipartUpload completeMultipartUpload copyObject createBucket createBucketMetadataConfiguration
      createBucketMetadataTableConfiguration createMultipartUpload createSession deleteBucket
      deleteBucketAnalyticsConfiguration deleteBucketCors deleteBucketEncryption
      deleteBucketIntelligentTieringConfiguration deleteBucketInventoryConfiguration deleteBucketLifecycle
      deleteBucketMetadataConfiguration deleteBucketMetadataTableConfiguration deleteBucketMetricsConfiguration
      deleteBucketOwnershipControls deleteBucketPolicy deleteBucketReplication deleteBucketTagging
      deleteBucketWebsite deleteObject deleteObjectAnnotation deleteObjectTagging deleteObjects
      deletePublicAccessBlock getBucketAbac getBucketAccelerateConfiguration getBucketAcl
      getBucketAnalyticsConfiguration getBucketCors getBucketEncryption getBucketIntelligentTieringConfiguration
      getBucketInventoryConfiguration getBucketLifecycleConfiguration getBucketLocation getBucketLogging
      getBucketMetadataConfiguration getBucketMetadataTableConfiguration getBucketMetricsConfiguration
      getBucketNotificationConfiguration getBucketOwnershipControls getBucketPolicy getBucketPolicyStatus
      getBucketReplication getBucketRequestPayment getBucketTagging getBucketVersioning getBucketWebsite getObject
      getObjectAcl getObjectAnnotation getObjectAttributes getObjectLegalHold getObjectLockConfiguration
      getObjectRetention getObjectTagging getObjectTorrent getPublicAccessBlock headBucket headObject
      listBucketAnalyticsConfigurations listBucketIntelligentTieringConfigurations listBucketInventoryConfigurations
      listBucketMetricsConfigurations listBuckets listDirectoryBuckets listMultipartUploads listObjectAnnotations
      listObjectVersions listObjects listObjectsV2 listParts putBucketAbac putBucketAccelerateConfiguration
      putBucketAcl putBucketAnalyticsConfiguration putBucketCors putBucketEncryption
      putBucketIntelligentTieringConfiguration putBucketInventoryConfiguration putBucketLifecycleConfiguration
      putBucketLogging putBucketMetricsConfiguration putBucketNotificationConfiguration putBucketOwnershipControls
      putBucketPolicy putBucketReplication putBucketRequestPayment putBucketTagging putBucketVersioning
      putBucketWebsite putObject putObjectAcl putObjectAnnotation putObjectLegalHold putObjectLockConfiguration
      putObjectRetention putObjectTagging putPublicAccessBlock renameObject restoreObject
      updateBucketMetadataAnnotationTableConfiguration updateBucketMetadataInventoryTableConfiguration
      updateBucketMetadataJournalTableConfiguration updateObjectEncryption uploadPart uploadPartCopy
      writeGetObjectResponse
    `),
  ],
  [
    'sfn',
    words(`
      createActivity createStateMachine createStateMachineAlias deleteActivity deleteStateMachine
      deleteStateMachineAlias deleteStateMachineVersion describeActivity describeExecution describeMapRun
      describeStateMachine describeStateMachineAlias describeStateMachineForExecution getActivityTask
      getExecutionHistory listActivities listExecutions listMapRuns listStateMachineAliases listStateMachineVersions
      listStateMachines listTagsForResource publishStateMachineVersion redriveExecution sendTaskFailure
      sendTaskHeartbeat sendTaskSuccess startExecution startSyncExecution stopExecution tagResource testState
      untagResource updateMapRun updateStateMachine updateStateMachineAlias validateStateMachineDefinition
    `),
  ],
  [
    'sns',
    words(`
      addPermission checkIfPhoneNumberIsOptedOut confirmSubscription createPlatformApplication
      createPlatformEndpoint createSMSSandboxPhoneNumber createTopic deleteEndpoint deletePlatformApplication
      deleteSMSSandboxPhoneNumber deleteTopic getDataProtectionPolicy getEndpointAttributes
      getPlatformApplicationAttributes getSMSAttributes getSMSSandboxAccountStatus getSubscriptionAttributes
      getTopicAttributes listEndpointsByPlatformApplication listOriginationNumbers listPhoneNumbersOptedOut
      listPlatformApplications listSMSSandboxPhoneNumbers listSubscriptions listSubscriptionsByTopic
      listTagsForResource listTopics optInPhoneNumber publish publishBatch putDataProtectionPolicy removePermission
      setEndpointAttributes setPlatformApplicationAttributes setSMSAttributes setSubscriptionAttributes
      setTopicAttributes subscribe tagResource unsubscribe untagResource verifySMSSandboxPhoneNumber
    `),
  ],
  [
    'sqs',
    words(`
      cancelMessageMoveTask changeMessageVisibility changeMessageVisibilityBatch createQueue deleteMessage
      deleteMessageBatch deleteQueue getQueueAttributes getQueueUrl listDeadLetterSourceQueues listMessageMoveTasks
      listQueueTags listQueues purgeQueue receiveMessage sendMessage sendMessageBatch setQueueAttributes
      startMessageMoveTask tagQueue untagQueue
    `),
  ],
]);

/** Whether `aws-sdk:service:action` is there. */
export const isSdkAction = (service: string, action: string): boolean => SDK_ACTIONS.get(service)?.has(action) === true;
