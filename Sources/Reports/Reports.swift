// This module is empty yet.
