namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// The steps of collection while serving. Each is one request to the storage, or several whose order does not matter.
/// The code has a method of the same name for each, so that a reader can hold the model against the code.
/// </summary>
public enum CollectionStep : byte
{
    // ---- hosts ----

    /// <summary>
    /// Reads the repository's link to the blob. Absent: not there. Young: nothing more to do. Old: <see
    /// cref="TouchLink"/>.
    /// </summary>
    ReadLink,

    /// <summary>Writes a link that is there again, so that it is young.</summary>
    TouchLink,

    /// <summary>
    /// Reads gc/current, in a request of its own each time. With <see cref="ClaimKeep"/> this is a look. "Again", at
    /// the end of a request: the generation is still the one that was read before, or the request looks once more.
    /// </summary>
    ReadCurrent,

    /// <summary>
    /// Writes <c>keep</c>, create-once, for what is at stake and stands on the condemned list of the run. Whoever wrote
    /// first decides: the claim is lost when the collector's <c>delete</c> is there.
    /// </summary>
    ClaimKeep,

    /// <summary>Asks whether the blob's data is there.</summary>
    CheckData,

    /// <summary>Asks whether the repository's link to the blob is there.</summary>
    CheckLink,

    /// <summary>
    /// Waits until the run that has claimed what is at stake ends, or gives up: 503 with Retry-After.
    /// </summary>
    WaitForRun,

    /// <summary>
    /// Makes the blob's data visible: by a PUT, the completion of a multipart upload, a copy or a rename.
    /// </summary>
    WriteData,

    /// <summary>Writes the repository's link to the blob.</summary>
    WriteLink,

    /// <summary>
    /// Asks whether everything is there that a manifest reaches: links and data of config and layers, children of an
    /// index with all that those reach. Before anything is written, and again after the look.
    /// </summary>
    CheckReachable,

    /// <summary>Writes the manifest's bytes.</summary>
    WriteManifest,

    /// <summary>Writes the manifest's revision link, anew if it is there: before the look, never after.</summary>
    WriteRevision,

    /// <summary>Asks whether the manifest's revision link and bytes are there.</summary>
    CheckRevision,

    /// <summary>Writes the tag, once nothing can be refused any more.</summary>
    WriteTag,

    /// <summary>
    /// Reads the tag after a run came and went: gone, it is written again; another's, somebody tagged later.
    /// </summary>
    ReadTag,

    // ---- the collector ----

    /// <summary>
    /// Moves gc/current to "run r + 1 is marking" by compare-and-swap: begins a run, or takes over from one whose lease
    /// has ended.
    /// </summary>
    TakeLease,

    /// <summary>
    /// Lists what nothing needs: reads all revision links and tags, then all layer links, then all blobs.
    /// </summary>
    Mark,

    /// <summary>Writes the list of what is condemned. Nobody reads it before <see cref="PublishCondemned"/>.</summary>
    WriteCondemned,

    /// <summary>
    /// Moves gc/current to "run r has condemned" by compare-and-swap. Lost: another has taken over, and this run stops.
    /// </summary>
    PublishCondemned,

    /// <summary>
    /// Marks anew, after the list was published. What is needed, young or whole now is dropped from the list.
    /// </summary>
    MarkAgain,

    /// <summary>Writes <c>delete</c>, create-once. Lost: somebody keeps it.</summary>
    ClaimDelete,

    /// <summary>
    /// Deletes tags, revision links and layer links, by requests that are void once the lease has ended.
    /// </summary>
    DeleteLinks,

    /// <summary>
    /// Deletes bytes of manifests and data of blobs, in the same way, after the links that lead there.
    /// </summary>
    DeleteData,

    /// <summary>
    /// Moves gc/current to "run r has ended", once every DELETE has been answered or can no longer happen.
    /// </summary>
    EndRun,
}
