namespace Blobs.Testing;

/// <summary>What goes wrong with one request.</summary>
/// <param name="Delay">How long it waits before it is sent on.</param>
/// <param name="Status">The answer that it gets without being sent on; null to send it on.</param>
/// <param name="CutAt">After how many bytes of its body the answer is cut off: negative for all of the answer, null for
/// none of it.</param>
internal readonly record struct NetworkFault(TimeSpan Delay = default, int? Status = null, int? CutAt = null);
