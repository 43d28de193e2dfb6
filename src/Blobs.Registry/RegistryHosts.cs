namespace Blobs.Registry;

/// <summary>How many hosts serve one storage at the same time.</summary>
public enum RegistryHosts
{
    /// <summary>Many where the storage allows it, otherwise one.</summary>
    Automatic = 0,

    /// <summary>Only this one. It registers in the storage, and does not start beside another one.</summary>
    One,

    /// <summary>Any number. The storage must allow it, and with logins the hosts must share a
    /// <see cref="RegistryOptions.TokenKeyFile"/>.</summary>
    Many,
}
