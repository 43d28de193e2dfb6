using System.Text.Json;
using System.Text.Json.Serialization;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <summary>
/// An upload that any host can go on with: one small object, which is only ever replaced as the version that was read.
/// Its bytes are whole parts of a multipart upload, all of one length, and a tail that does not fill a part yet.
/// </summary>
internal sealed record UploadSession
{
    /// <summary>The longest session: one of 10,000 parts.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>A tail up to this length is kept in the session itself.</summary>
    public const int InlineBytesMax = 16 << 10;

    /// <summary>The most parts that a store takes.</summary>
    public const int PartsMax = 10_000;

    /// <summary>When it began, in whole seconds.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Number of bytes received.</summary>
    public long Offset { get; init; }

    /// <summary>The length of every part but the last; chosen at the beginning.</summary>
    public required int PartBytes { get; init; }

    /// <summary>The id of the multipart upload; null before the first part.</summary>
    public string? UploadId { get; init; }

    /// <summary>The ETags of the whole parts.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>The key of the tail; null when there is none, or when <see cref="TailContent"/> has it.</summary>
    public string? Tail { get; init; }

    /// <summary>The bytes of a short tail.</summary>
    public byte[]? TailContent { get; init; }

    /// <summary>The SHA-256 state that was saved last.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>What may happen to it.</summary>
    public UploadPhase State { get; init; }

    /// <summary>Makes every version differ from every other.</summary>
    public string Nonce { get; init; } = "";

    /// <summary>Length of the tail.</summary>
    [JsonIgnore]
    public int TailBytes => (int)(Offset - ((long)Parts.Count * PartBytes));

    /// <summary>The session of a version that was read.</summary>
    /// <exception cref="StoreException">It makes no sense.</exception>
    public static UploadSession Parse(string key, ReadOnlySpan<byte> json)
    {
        UploadSession? session = null;
        try
        {
            session = JsonSerializer.Deserialize(json, SessionJson.Default.UploadSession);
        }
        catch (JsonException)
        {
            // Said below.
        }

        return session is not null && session.MakesSense()
            ? session
            : throw new StoreException(key, $"{key}: is not the state of an upload");
    }

    public byte[] ToJson() =>
        JsonSerializer.SerializeToUtf8Bytes(this with { Nonce = $"{Guid.NewGuid():n}" }, SessionJson.Default.UploadSession);

    // Everything here was read, so it may be null in spite of its type.
    private bool MakesSense() =>
        PartBytes > 0 && Parts is { Count: <= PartsMax } && !Parts.Contains(null!)
        && (Parts.Count == 0 || UploadId is not null)
        && Offset - ((long)Parts.Count * PartBytes) is >= 0 and var tail && tail < PartBytes
        && (tail == 0 || Tail is not null || TailContent?.Length == tail)
        && Enum.IsDefined(State);
}

/// <summary>How sessions are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UploadSession))]
internal sealed partial class SessionJson : JsonSerializerContext;
