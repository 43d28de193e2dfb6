using System.Globalization;
using System.Text;
using Blobs.Distribution.Storage;

namespace Blobs.Registry;

/// <summary>
/// The record of a host that must be alone on its storage: <c>hosts/ID</c>, with the time of its last renewal by the
/// storage's clock. A host does not start beside another one whose record is young.
/// </summary>
internal sealed class HostRegistration(IRegistryStorage storage)
{
    /// <summary>How often a host renews its record.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(30);

    private const string Folder = "hosts";

    // Three renewals.
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(90);

    private readonly string _name = $"{Folder}/{Guid.NewGuid():n}";
    private string? _version;

    /// <summary>Requires that no host is alone on the storage.</summary>
    /// <exception cref="RegistryStartException">Another host is.</exception>
    public async Task RequireNoOtherAsync(CancellationToken cancellationToken)
    {
        if (storage.HostRecords is not { } records)
        {
            return;
        }

        DateTimeOffset now = await storage.TimeAsync(cancellationToken).ConfigureAwait(false);
        RegistryListing<string> hosts = await records.ListAsync(Folder, default, cancellationToken).ConfigureAwait(false);
        foreach (string name in hosts.Items.Where(name => name != _name))
        {
            StoredRecord? record = await records.ReadAsync(name, cancellationToken).ConfigureAwait(false);
            TimeSpan age = now - TimeOf(record);
            if (age < AgeMax)
            {
                string seconds = age.TotalSeconds.ToString("f0", CultureInfo.InvariantCulture);
                throw new RegistryStartException(
                    $"another host serves this storage alone ({name}, seen {seconds} s ago): "
                    + $"stop it, or wait {AgeMax.TotalSeconds} s if it has died");
            }

            await records.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the record, and requires that no other host did so at the same time.</summary>
    /// <exception cref="RegistryStartException">Another host did.</exception>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        await RequireNoOtherAsync(cancellationToken).ConfigureAwait(false);
        await RenewAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await RequireNoOtherAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryStartException)
        {
            await WithdrawAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes the record anew.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (storage.HostRecords is not { } records)
        {
            return;
        }

        DateTimeOffset now = await storage.TimeAsync(cancellationToken).ConfigureAwait(false);
        byte[] content = Encoding.ASCII.GetBytes(now.ToUniversalTime().ToString("o", CultureInfo.InvariantCulture));
        _version = _version is null
            ? null
            : await records.TryReplaceAsync(_name, content, _version, cancellationToken).ConfigureAwait(false);
        _version ??= await records.TryCreateAsync(_name, content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes the record.</summary>
    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        if (_version is not null && storage.HostRecords is { } records)
        {
            await records.DeleteAsync(_name, cancellationToken).ConfigureAwait(false);
            _version = null;
        }
    }

    // A record that cannot be read does not keep a host from starting for ever.
    private static DateTimeOffset TimeOf(StoredRecord? record) =>
        record is not null
        && Encoding.ASCII.GetString(record.Content.Span) is var text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset time)
            ? time
            : DateTimeOffset.MinValue;
}
