import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local with the options of its own main class, but on 127.0.0.1: its own binds every interface. With
 * PAPILIO_STACK_SECRET it answers only who signs with that (AWS Signature Version 4).
 */
public final class LoopbackServer {
  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(args);
    Server server = serverOf(proxy);
    for (Connector connector : server.getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
    }
    String secret = System.getenv("PAPILIO_STACK_SECRET");
    if (secret != null) server.setHandler(new Gate(secret, server.getHandler()));
    proxy.start();
    proxy.join();
  }

  /** The only way to the connector: a private field, whatever it is called. */
  private static Server serverOf(DynamoDBProxyServer proxy) throws IllegalAccessException {
    for (var field : DynamoDBProxyServer.class.getDeclaredFields()) {
      if (Server.class.isAssignableFrom(field.getType())) {
        field.setAccessible(true);
        return (Server) field.get(proxy);
      }
    }
    throw new IllegalStateException("DynamoDB Local has no Jetty server in it");
  }

  /** Lets in who signs. The body is covered by its digest, which is among the signed headers. */
  private static final class Gate extends Handler.Wrapper {
    private static final Pattern SIGNED = Pattern.compile(
        "AWS4-HMAC-SHA256 Credential=[^/,]{1,128}/(\\d{8})/([\\w-]{1,64})/([\\w-]{1,64})/aws4_request, ?"
            + "SignedHeaders=([\\w;-]{1,1024}), ?Signature=([0-9a-f]{64})");
    private static final DateTimeFormatter DATE =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final byte[] REFUSAL =
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"Sign with the secret in stack.json: only papilio may call.\"}"
            .getBytes(StandardCharsets.UTF_8);
    private final String secret;

    Gate(String secret, Handler inner) {
      super(inner);
      this.secret = secret;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (isLetIn(request)) return super.handle(request, response, callback);
      response.setStatus(403);
      response.write(true, ByteBuffer.wrap(REFUSAL), callback);
      return true;
    }

    private boolean isLetIn(Request request) throws GeneralSecurityException {
      Matcher signed = SIGNED.matcher(header(request, "authorization"));
      String date = header(request, "x-amz-date");
      if (!signed.matches() || !isTimely(date) || request.getHttpURI().getQuery() != null) return false;
      List<String> names = List.of(signed.group(4).split(";"));
      if (!names.containsAll(List.of("host", "x-amz-content-sha256"))) return false;
      StringBuilder said = new StringBuilder(request.getMethod());
      said.append('\n').append(request.getHttpURI().getPath()).append("\n\n");
      for (String name : names) said.append(name).append(':').append(header(request, name)).append('\n');
      said.append('\n').append(signed.group(4)).append('\n').append(header(request, "x-amz-content-sha256"));
      String scope = signed.group(1) + "/" + signed.group(2) + "/" + signed.group(3) + "/aws4_request";
      byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
      for (String part : scope.split("/")) key = digest(key, part);
      byte[] hashed = MessageDigest.getInstance("SHA-256").digest(said.toString().getBytes(StandardCharsets.UTF_8));
      String toSign = String.join("\n", "AWS4-HMAC-SHA256", date, scope, HexFormat.of().formatHex(hashed));
      return MessageDigest.isEqual(digest(key, toSign), HexFormat.of().parseHex(signed.group(5)));
    }

    private static boolean isTimely(String date) {
      try {
        return Duration.between(DATE.parse(date, Instant::from), Instant.now()).abs().compareTo(SKEW) <= 0;
      } catch (DateTimeParseException unreadable) {
        return false;
      }
    }

    private static String header(Request request, String name) {
      String value = request.getHeaders().get(name);
      return value == null ? "" : value.trim().replaceAll(" +", " ");
    }

    private static byte[] digest(byte[] key, String text) throws GeneralSecurityException {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
