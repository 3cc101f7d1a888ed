/** LocalStack starts DynamoDB Local with an agent of its own, which changes account numbers in ARNs; this one changes nothing. */
public final class NoAgent {
  public static void premain(String arguments) {}
}
