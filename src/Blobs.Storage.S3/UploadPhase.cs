using System.Text.Json.Serialization;

namespace Blobs.Storage.S3;

/// <summary>What may happen to an upload. It only ever goes forward.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UploadPhase>))]
internal enum UploadPhase
{
    /// <summary>Bytes are appended.</summary>
    [JsonStringEnumMemberName("open")]
    Open = 0,

    /// <summary>Its parts become an object, and the object a blob. All of this may be repeated by any host.</summary>
    [JsonStringEnumMemberName("completing")]
    Completing,

    /// <summary>Its parts are deleted. Whoever does this has to say so first, because a store may lose an object whose
    /// parts are aborted while it is completed.</summary>
    [JsonStringEnumMemberName("aborting")]
    Aborting,
}
