namespace Blobs.Distribution.Storage;

/// <summary>
/// Small named objects by which hosts and garbage collectors agree, kept apart from the registry's content. Names are
/// parts of lower-case letters, digits and dashes, separated by slashes. A read is at least as recent as the start of
/// the call, whichever process wrote.
/// <para>
/// A version stands for a content: records with equal contents may have equal versions. Whoever replaces a record puts
/// something unique into it. A call that cannot tell whether its write has succeeded, such as after a lost answer, reads
/// the record: it has succeeded if the content is its own.
/// </para>
/// </summary>
public interface IRegistryRecords
{
    /// <summary>Reads a record; null when it does not exist.</summary>
    ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Creates a record, and returns its version; null when one with another content exists. Of several
    /// concurrent calls with different contents, exactly one succeeds.</summary>
    ValueTask<string?> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Replaces a record if it still has the given version, and returns its new version; null when it has
    /// another version, or does not exist. Of several concurrent calls with the same version and different contents,
    /// exactly one succeeds.</summary>
    ValueTask<string?> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default);

    /// <summary>Deletes a record; false when it did not exist.</summary>
    ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Lists the names of the records whose names begin with a folder and a slash, in bytewise order.</summary>
    /// <param name="folder">The folder, without a slash at its end.</param>
    /// <param name="page">The part of the list to return; <see cref="RegistryPage.After"/> is a full name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<RegistryListing<string>> ListAsync(
        string folder, RegistryPage page, CancellationToken cancellationToken = default);
}
