using System.Text.Json.Serialization;

namespace Blobs.Distribution.Storage;

/// <summary>
/// The state of garbage collection in a storage, in the record <c>current</c>. Generation 3r - 2 while run r marks, 3r - 1 once
/// it has published what it condemns, 3r when it has ended; 0 before the first run. Renewals of the lease keep the
/// generation.
/// </summary>
internal sealed record CollectionState
{
    /// <summary>Before the first run.</summary>
    public static CollectionState None { get; } = new() { Owner = "", Nonce = "" };

    public long Generation { get; init; }

    /// <summary>The host and the process that run the collection.</summary>
    public required string Owner { get; init; }

    /// <summary>Unique for each write.</summary>
    public required string Nonce { get; init; }

    /// <summary>By the storage's clock; nobody takes over before.</summary>
    public DateTimeOffset LeaseEnd { get; init; }

    /// <summary>The age below which this run deletes nothing, in seconds.</summary>
    public double MinimumAge { get; init; }

    [JsonIgnore]
    public long Run => (Generation + 2) / 3;

    [JsonIgnore]
    public bool IsMarking => Generation % 3 == 1;

    [JsonIgnore]
    public bool HasCondemned => Generation % 3 == 2;

    [JsonIgnore]
    public bool HasEnded => Generation % 3 == 0;
}
