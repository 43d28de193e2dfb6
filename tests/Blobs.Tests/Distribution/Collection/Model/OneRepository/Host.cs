namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>A host that serves one client after the other.</summary>
internal struct Host
{
    public HostAt At;

    /// <summary>gc/current as it was read last.</summary>
    public Generation Read;

    /// <summary>How often users had deleted the manifest when its revision link was written.</summary>
    public byte DeletionsBefore;

    /// <summary>How many clients will come.</summary>
    public byte ClientsLeft;
}
