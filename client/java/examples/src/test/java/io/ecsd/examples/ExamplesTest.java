package io.ecsd.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs each example against the server at ECSD_ADDRESS, which has the demo fleet of {@code ecsd serve --simulate}. */
@Timeout(120)
class ExamplesTest {
  private static final String ADDRESS = System.getenv("ECSD_ADDRESS");

  private interface Example {
    void main(String[] args);
  }

  private static String run(Example example, String... args) {
    String[] all = new String[args.length + 1];
    all[0] = ADDRESS;
    System.arraycopy(args, 0, all, 1, args.length);
    PrintStream out = System.out;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
    try {
      example.main(all);
    } finally {
      System.setOut(out);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /** Returns an instance of the default region, whose IDs begin with i-bp1, as the example names no region. */
  private static String expiring() {
    String first = run(ListExpiring::main).lines().filter(line -> line.startsWith("i-bp1")).findFirst().orElseThrow();
    return first.substring(0, first.indexOf(' '));
  }

  private static void contains(String want, String text) {
    assertTrue(text.contains(want), () -> "want \"" + want + "\" in:\n" + text);
  }

  @Test
  void listExpiring() {
    assertTrue(expiring().startsWith("i-"));
  }

  @Test
  void renewOne() {
    String text = run(RenewOne::main, expiring());
    contains("request_id ", text);
    contains("RENEWAL_STATE_RENEWED for ", text);
  }

  @Test
  void renewWindow() {
    String text = run(RenewWindow::main);
    contains(" of ", text);
    contains(" CNY", text);
  }

  @Test
  void mirror() {
    contains(" instances as of 2", run(Mirror::main, "1"));
  }

  @Test
  void waitForDeployment() {
    contains(" INSTANCE_NOT_FOUND", run(WaitForDeployment::main, "i-bp1nosuchinstance000"));
  }

  @Test
  void reactToReclaims() {
    contains("up to date as of 2", run(ReactToReclaims::main, "1"));
  }
}
