package io.ecsd.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ecsd.v1.UnreachableRegion;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The items of all pages of a list. A page is read when it is needed. If regions could not be read, the iteration ends with
 * an error that lists them, after all items of the others.
 */
final class Pages<Q extends Message, A extends Message, I> implements Iterator<I> {
  private final Function<Q, A> read;
  private final Function<A, List<I>> items;

  private Q request;
  private Iterator<I> page = List.<I>of().iterator();
  private boolean last;
  private final List<UnreachableRegion> missing = new ArrayList<>();

  Pages(Q request, Function<Q, A> read, Function<A, List<I>> items) {
    this.request = request;
    this.read = read;
    this.items = items;
  }

  @Override
  public boolean hasNext() {
    while (!page.hasNext() && !last) {
      A answer;
      try {
        answer = read.apply(request);
      } catch (RuntimeException e) {
        last = true;
        throw EcsdException.of(e);
      }
      page = items.apply(answer).iterator();
      turn(answer);
    }
    if (!page.hasNext() && !missing.isEmpty()) {
      String ids = missing.stream().map(UnreachableRegion::getRegionId).collect(Collectors.joining(","));
      String texts = missing.stream().map(r -> r.getRegionId() + " (" + r.getError().getReason() + ")").collect(Collectors.joining(", "));
      String reason = missing.get(0).getError().getReason();
      missing.clear();
      throw EcsdException.unreachable("the list is incomplete: cannot read " + texts, ids, reason);
    }
    return page.hasNext();
  }

  /** Sets the token of the next page, and collects the regions that this one misses. */
  @SuppressWarnings("unchecked")
  private void turn(A answer) {
    FieldDescriptor regions = answer.getDescriptorForType().findFieldByName("unreachable_regions");
    if (regions != null) {
      missing.addAll((List<UnreachableRegion>) answer.getField(regions));
    }
    FieldDescriptor next = answer.getDescriptorForType().findFieldByName("next_page_token");
    last = next == null || ((String) answer.getField(next)).isEmpty();
    if (!last) {
      FieldDescriptor token = request.getDescriptorForType().findFieldByName("page_token");
      request = (Q) request.toBuilder().setField(token, answer.getField(next)).build();
    }
  }

  @Override
  public I next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the list has ended");
    }
    return page.next();
  }
}
